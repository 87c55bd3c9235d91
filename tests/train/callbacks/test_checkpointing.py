"""When checkpoints are written, and the weight files beside them."""

from contextlib import contextmanager

import h5py
import numpy as np
import pytest

from larq_bvit.train.callbacks import Checkpointing
from larq_bvit.train.checkpoint import Checkpoints
from larq_bvit.train.progress import Progress
from larq_bvit.train.run_folder import RunFolder
from tests.train.tiny_run import RECIPE, STEPS, tiny_model


@pytest.fixture
def run(tmp_path):
    return RunFolder.create(tmp_path / "run", RECIPE)


def checkpointing(run, model=None, **options):
    checkpoints = Checkpoints(
        run.checkpoints, model or tiny_model(), recipe=RECIPE, steps_per_epoch=STEPS, keep=100
    )
    checkpoints.restore()
    callback = Checkpointing(run, checkpoints, **options)
    callback.set_model(checkpoints.model)
    callback.set_params({"epochs": 3})
    return callback


def bias(path):
    with h5py.File(path) as file:
        return file["classifier/classifier/bias:0"][()]


@pytest.mark.parametrize(
    ("every", "steps"), [(None, [4]), (1, [1, 2, 3, 4]), (2, [2, 4]), (3, [3, 4]), (9, [4])]
)
def test_within_an_epoch_every_so_many_steps(run, every, steps):
    callback = checkpointing(run, every=every)
    for batch in range(STEPS):
        callback.on_train_batch_end(batch)
    names = callback.checkpoints.names()
    assert names == [f"epoch00000-step{step:08}" for step in steps]


def test_a_checkpoint_within_an_epoch_tells_its_time(run):
    callback = checkpointing(run, every=2)
    for batch in range(2):
        callback.on_train_batch_end(batch)
    assert callback.progress.timed_steps == 2 and 0 < callback.progress.seconds < 100
    callback.progress = Progress(step=2, seconds=1000.0, timed_steps=1)  # as of a resumed run
    callback.on_epoch_begin(0)
    callback.on_train_batch_end(STEPS - 1)
    assert callback.progress.timed_steps == STEPS - 1 and 1000 < callback.progress.seconds < 1100
    callback.on_epoch_end(0)
    assert (callback.progress.seconds, callback.progress.timed_steps) == (0, 0)


def test_best_is_the_highest_of_what_is_monitored(run):
    callback = checkpointing(run, monitor="val_top5")
    bests = []
    for epoch, value in enumerate((0.2, 0.5, 0.5, 0.4, 0.6)):
        classifier = callback.model.get_layer("classifier")
        classifier.bias.assign([float(epoch)] * 3)
        callback.on_epoch_end(epoch, {"val_top5": value, "val_accuracy": -value})
        bests.append(bias(run.best)[0])
        assert bias(run.weights)[0] == epoch
    assert bests == [0, 1, 1, 1, 4]
    assert (callback.progress.best, callback.progress.best_epoch) == (0.6, 5)


def test_without_evaluation_there_is_no_best(run):
    checkpointing(run).on_epoch_end(0, {"loss": 1.0})
    assert run.weights.is_file() and not run.best.exists()


def test_weight_files_hold_what_is_evaluated(run):
    model = tiny_model()

    @contextmanager
    def averaged():
        before = model.get_weights()
        model.set_weights([np.full_like(value, 0.5) for value in before])
        yield
        model.set_weights(before)

    before = model.get_layer("classifier").bias.numpy()
    callback = checkpointing(run, model, kept_weights=averaged)
    callback.on_epoch_end(0, {"val_accuracy": 0.1})
    assert bias(run.best).tolist() == bias(run.weights).tolist() == [0.5] * 3
    assert (model.get_layer("classifier").bias.numpy() == before).all()


def test_files_that_were_not_written_any_more_are_made_up_for(run):
    checkpointing(run).on_epoch_end(0, {"val_accuracy": 0.1})
    run.weights.unlink()
    run.best.unlink()
    checkpointing(run).on_train_begin()
    assert run.weights.is_file() and run.best.is_file()


def test_leftovers_of_a_killed_process_go(run):
    checkpointing(run).on_epoch_end(0, {"val_accuracy": 0.1})
    for folder in (run.checkpoints / ".old-epoch00000-step00000004", run.path / ".weights-1"):
        folder.mkdir()
    callback = checkpointing(run)
    callback.on_train_begin()
    assert callback.checkpoints.names() == ["epoch00001-step00000000"]
    assert not list(run.path.rglob(".*"))
