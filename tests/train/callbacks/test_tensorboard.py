"""What TensorBoard gets."""

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from larq_bvit.train.callbacks import TensorBoard
from tests.train.tiny_run import tiny_model


def events(path):
    accumulator = EventAccumulator(str(path), {"tensors": 0})
    accumulator.Reload()
    return {tag: accumulator.Tensors(tag) for tag in accumulator.Tags()["tensors"]}


def write(path, *epochs, **options):
    callback = TensorBoard(path, **options)
    callback.set_model(tiny_model())
    for epoch in epochs:
        callback.on_epoch_end(epoch, {"loss": 1.0 + epoch, "val_loss": 7.0})
    callback.on_train_end()
    return callback.model


def test_scalars_of_training_and_evaluation(tmp_path):
    write(tmp_path, 0, 1)
    train, validation = events(tmp_path / "train"), events(tmp_path / "validation")
    assert set(train) == {"loss", "learning_rate"} and set(validation) == {"loss"}
    points = [
        (
            event.step,
            float(np.frombuffer(event.tensor_proto.tensor_content, "float32")[0])
            if event.tensor_proto.tensor_content
            else event.tensor_proto.float_val[0],
        )
        for event in train["loss"]
    ]
    assert points == [(1, 1.0), (2, 2.0)]


def test_histograms_of_latent_weights_every_few_epochs(tmp_path):
    write(tmp_path, *range(5), histogram_epochs=2)
    train = events(tmp_path / "train")
    assert set(train) == {"loss", "learning_rate", "binary"}
    assert [event.step for event in train["binary"]] == [2, 4]


def test_a_resumed_run_goes_on_in_the_same_folder(tmp_path):
    write(tmp_path, 0)
    write(tmp_path, 1)
    steps = [event.step for event in events(tmp_path / "train")["loss"]]
    assert sorted(steps) == [1, 2]  # of two files, which may be read in any order


def test_only_the_chief_writes(tmp_path):
    write(tmp_path, 0, chief=False)
    assert not list(tmp_path.iterdir())
