"""What is shown of a run."""

import io

import pytest
from rich.console import Console

from larq_bvit.train.callbacks import ProgressDisplay, progress_display
from larq_bvit.train.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on by 2 s with every look."""
    times = iter(range(0, 1000, 2))
    monkeypatch.setattr(progress_display, "perf_counter", lambda: float(next(times)))


def show(terminal, progress=Progress(), seconds=0.0, steps=3):  # noqa: B008  (it is frozen)
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=200)
    display = ProgressDisplay(
        progress, epochs=2, steps_per_epoch=4, batch_size=8, console=console, seconds=seconds
    )
    display.on_train_begin()
    display.on_epoch_begin(progress.epoch)
    for batch in range(progress.step, progress.step + steps):
        display.on_train_batch_end(batch, {"loss": 0.5})
    display.on_epoch_end(progress.epoch, {"loss": 0.25, "val_accuracy": 0.125})
    display.on_train_end()
    return text.getvalue()


def test_lines_with_rate_and_time_left(clock):
    assert show(terminal=False).splitlines() == [
        "epoch 1/2, step 1/4, loss 0.5000",
        "epoch 1/2, step 2/4, 4.0 images/s, 0:00:12 left, loss 0.5000",
        "epoch 1/2, step 3/4, 4.0 images/s, 0:00:10 left, loss 0.5000",
        "epoch 1/2 done: loss 0.25, val_accuracy 0.125",
    ]


def test_a_resumed_run_counts_its_own_steps(clock):
    lines = show(terminal=False, progress=Progress(epoch=1, step=1)).splitlines()
    assert lines[1] == "epoch 2/2, step 3/4, 4.0 images/s, 0:00:02 left, loss 0.5000"


def test_lines_are_rare(clock):
    lines = show(terminal=False, seconds=5.0).splitlines()
    assert [line.split(", ")[1] for line in lines[:-1]] == ["step 3/4"]


def test_a_terminal_gets_a_bar():
    text = show(terminal=True)
    assert "step 3/4" in text and "images/s" in text and "left" in text
    assert "epoch 1/2 done: loss 0.25" in text
