"""The accuracy of several runs in one picture."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image

from larq_bvit.train.accuracy_curves import accuracy_curves
from larq_bvit.train.comparison import read_runs
from tests.train.run_folders import write_run

pytest.importorskip("matplotlib")
FIRST, SECOND, SIXTH = (0x33, 0x22, 0x88), (0xCC, 0x66, 0x77), (0xDD, 0xCC, 0x77)


def pixels(content, colour):
    """How many pixels have a colour."""
    image = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    return int((image == colour).all(axis=-1).sum())


def coloured(content):
    """How many pixels are not grey."""
    image = np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)
    return int((np.ptp(image, axis=-1) > 20).sum())


def drawn(folder, *accuracies):
    """The picture of runs with these accuracies."""
    paths = [write_run(folder / str(i), accuracies=one) for i, one in enumerate(accuracies)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return accuracy_curves(read_runs(paths))


def test_shows_the_figures(tmp_path):
    one = drawn(tmp_path / "a", (0.25, 0.75), (0.5, 0.625))
    same = drawn(tmp_path / "b", (0.25, 0.75), (0.5, 0.625))
    other = drawn(tmp_path / "c", (0.375, 0.75), (0.5, 0.625))
    assert one == same != other


def test_a_line_for_every_run(tmp_path):
    two = drawn(tmp_path / "two", (0.25, 0.75), (0.5, 0.625))
    assert pixels(two, FIRST) > 500 < pixels(two, SECOND) and pixels(two, SIXTH) == 0
    twelve = drawn(tmp_path / "twelve", *((0.25, 0.5 + i / 32) for i in range(12)))
    assert pixels(twelve, SIXTH) > 500


def test_a_dot_at_the_best_epoch(tmp_path):
    places = []
    for best in range(3):
        accuracies = [0.5 if epoch == best else 0.25 for epoch in range(3)]
        content = drawn(tmp_path / str(best), accuracies, (0.125,) * 3)
        image = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
        first = (image == FIRST).all(axis=-1)
        # lines are thinner than 6 pixels
        squares = np.lib.stride_tricks.sliding_window_view(first, (6, 6)).all(axis=(2, 3))
        columns = squares.nonzero()[1]
        assert np.ptp(columns) < 6
        places.append(columns.mean())
    assert places[2] - places[1] == pytest.approx(places[1] - places[0], abs=2)
    assert places[1] - places[0] > 300


def test_epochs_without_evaluation_leave_no_gap(tmp_path):
    whole = drawn(tmp_path / "whole", (0.25, 0.5, 0.75), (0.5, 0.5))
    gap = drawn(tmp_path / "gap", (0.25, float("nan"), 0.75), (0.5, 0.5))
    assert pixels(gap, FIRST) > 0.8 * pixels(whole, FIRST)


def test_a_single_epoch_and_none(tmp_path):
    nothing = drawn(tmp_path / "nothing", (float("nan"),), (float("nan"),))
    point = drawn(tmp_path / "point", (0.25,), (0.5,))
    assert pixels(point, FIRST) > pixels(nothing, FIRST) + 20
    paths = [write_run(tmp_path / name) for name in "ab"]
    paths[0].joinpath("history.csv").write_text("epoch,accuracy\n1,0.5\n")
    paths[1].joinpath("history.csv").write_text("epoch,loss\n1,0.5\n")
    training = accuracy_curves(read_runs(paths))
    assert coloured(training) > coloured(nothing) + 20


def test_names_are_shown_as_they_are(tmp_path):
    names = (r"_a$\nothing$", "_b")  # what matplotlib hides, and would refuse as a formula
    paths = [write_run(tmp_path / str(i), [f"name={name}"]) for i, name in enumerate(names)]
    with_names = accuracy_curves(read_runs(paths))
    without = drawn(tmp_path / "plain", (0.25, 0.5, 0.375), (0.25, 0.5, 0.375))
    assert pixels(with_names, FIRST) == pytest.approx(pixels(without, FIRST), rel=0.1)
