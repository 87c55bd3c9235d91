"""Measuring the .tflite of weights that ship again: on the images of the card alone."""

from types import SimpleNamespace

import pytest

from benchmarks.cards import check_same
from larq_bvit.cards import read_card
from tests.cards.folders import NAMES, write_card


def data(classes=NAMES, images=80):
    return SimpleNamespace(classes=tuple(classes), eval_examples=images)


def test_the_same_images(tmp_path):
    check_same(read_card(write_card(tmp_path / "a")), data())
    check_same(read_card(write_card(tmp_path / "b", evaluation={"corrupt": 3})), data(images=83))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (data(images=79), "expected 80 evaluation images; got 79"),
        (data(NAMES[::-1]), "expected the 4 classes of the card in their order; got 4, .*: none"),
        (data([*NAMES, "gnu"]), "got 5, not in both: gnu"),
    ],
)
def test_others(tmp_path, other, message):
    with pytest.raises(ValueError, match=message):
        check_same(read_card(write_card(tmp_path / "a")), other)
