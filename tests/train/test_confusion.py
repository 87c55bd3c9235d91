"""The picture of a confusion matrix."""

import io

import numpy as np
import pytest
from PIL import Image

from larq_bvit.train.confusion import confusion_picture
from larq_bvit.train.evaluation import Tally

pytest.importorskip("matplotlib")


def picture(classes, right=0.7, images=2000, name="class {}"):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, images)
    best = np.where(rng.uniform(size=images) < right, labels, rng.integers(0, classes, images))
    tally = Tally(tuple(name.format(k) for k in range(classes)))
    tally.add(np.log(np.where(np.eye(classes)[best] == 1, 0.9, 0.1 / classes)), labels)
    return confusion_picture(tally.result())


@pytest.mark.parametrize("classes", [1, 200])
def test_few_and_many_classes(classes):
    assert min(Image.open(io.BytesIO(picture(classes))).size) > 700


def test_names_are_no_formulas():
    assert picture(3, name="$_{{{}}}$ under$^$") != picture(3)


def test_shows_the_diagonal():
    image = Image.open(io.BytesIO(picture(10))).convert("RGB")
    pixels = np.asarray(image).astype(int)
    blue = pixels[..., 2] - pixels[..., 0] > 60  # the colours of frequent cells
    rows, columns = np.nonzero(blue[:, : blue.shape[1] * 3 // 4])
    assert len(rows) > 1000 and np.corrcoef(rows, columns)[0, 1] > 0.6


def test_depends_on_the_matrix():
    assert picture(3) == picture(3) != picture(3, right=0.5)
