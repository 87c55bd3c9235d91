"""The history: a line for every epoch, once."""

import pytest
import tensorflow as tf

from larq_bvit.train.callbacks import History, read_history
from larq_bvit.train.progress import Progress


def history(path, progress=Progress(), chief=True):  # noqa: B008  (it is frozen)
    callback = History(path, progress, steps_per_epoch=4, batch_size=8, chief=chief)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
    model.compile(tf.keras.optimizers.SGD(0.25), "mse")
    callback.set_model(model)
    callback.on_train_begin()
    return callback


def epochs(callback, *numbers, **logs):
    for epoch in numbers:
        callback.on_epoch_begin(epoch)
        callback.on_train_batch_end(3)
        callback.on_epoch_end(epoch, {"loss": 1.5, **logs})


def test_columns_and_values(tmp_path):
    epochs(history(tmp_path / "h.csv"), 0, 1, val_accuracy=0.5)
    lines = read_history(tmp_path / "h.csv")
    assert list(lines[0]) == [
        "epoch", "step", "seconds", "images_per_second", "learning_rate", "loss", "val_accuracy",
    ]  # fmt: skip
    assert [(line["epoch"], line["step"]) for line in lines] == [("1", "4"), ("2", "8")]
    assert float(lines[0]["learning_rate"]) == 0.25 and float(lines[1]["val_accuracy"]) == 0.5
    assert float(lines[0]["images_per_second"]) > 0


def test_epochs_that_are_done_again_replace_their_lines(tmp_path):
    path = tmp_path / "h.csv"
    epochs(history(path), 0, 1, 2, loss=1.0)
    epochs(history(path, Progress(epoch=1, step=2)), 1, loss=2.0)
    assert [(line["epoch"], line["loss"]) for line in read_history(path)] == [
        ("1", "1.0"), ("2", "2.0"),
    ]  # fmt: skip


def test_an_epoch_that_was_resumed_has_its_time_from_before(tmp_path):
    path = tmp_path / "h.csv"
    half = Progress(epoch=0, step=2, seconds=1000.0, timed_steps=2)
    callback = history(path, half)
    epochs(callback, 0, 1)
    resumed, next_one = read_history(path)
    assert 1000 <= float(resumed["seconds"]) < 1010
    assert float(resumed["images_per_second"]) == pytest.approx(4 * 8 / 1000, abs=0.01)
    assert float(next_one["seconds"]) < 10


def test_an_epoch_of_which_the_evaluation_alone_is_left(tmp_path):
    """`fit` insists on a step, which is none and may take long."""
    done = Progress(epoch=0, step=4, seconds=16.0, timed_steps=4)
    epochs(history(tmp_path / "h.csv", done), 0)
    (line,) = read_history(tmp_path / "h.csv")
    assert float(line["images_per_second"]) == 2
    epochs(history(tmp_path / "older.csv", Progress(epoch=0, step=4)), 0)  # it tells no times
    (line,) = read_history(tmp_path / "older.csv")
    assert line["images_per_second"] == "nan"


@pytest.mark.parametrize("cut", range(1, 21))
def test_a_half_line_goes(tmp_path, cut):
    path = tmp_path / "h.csv"
    epochs(history(path), 0, 1)
    path.write_text(path.read_text()[:-cut])
    epochs(history(path, Progress(epoch=2)), 2)
    assert [line["epoch"] for line in read_history(path)] == ["1", "3"]


def test_a_column_that_comes_later_is_empty_before(tmp_path):
    callback = history(tmp_path / "h.csv")
    epochs(callback, 0)
    epochs(callback, 1, val_accuracy=0.5)
    assert [line["val_accuracy"] for line in read_history(tmp_path / "h.csv")] == ["", "0.5"]


def test_only_the_chief_writes(tmp_path):
    epochs(history(tmp_path / "h.csv", chief=False), 0)
    assert not list(tmp_path.iterdir())
