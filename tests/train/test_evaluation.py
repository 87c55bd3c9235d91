"""Figures of a classifier, against plain statements of them."""

import json

import numpy as np
import pytest

from larq_bvit.train.evaluation import Tally
from tests.layers.common import normal

NAMES = tuple("abcdefgh")


def tally(log_probabilities, labels, names=NAMES, batch=3):
    total = Tally(names)
    for start in range(0, len(labels), batch):
        total.add(log_probabilities[start : start + batch], labels[start : start + batch])
    return total


@pytest.fixture
def outputs():
    values = normal(50, 8) * 2
    return values - np.log(np.exp(values).sum(-1, keepdims=True)), np.arange(50) * 3 % 8


def test_against_plain_loops(outputs):
    log_probabilities, labels = outputs
    result = tally(log_probabilities, labels).result(("broken.jpg",))
    confusion, first, fifth, loss = np.zeros((8, 8), int), 0, 0, 0.0
    for row, label in zip(log_probabilities, labels, strict=True):
        order = sorted(range(8), key=lambda k: -row[k])
        confusion[label, order[0]] += 1
        first += order[0] == label
        fifth += label in order[:5]
        loss -= row[label] / 50
    np.testing.assert_array_equal(result.confusion, confusion)
    assert (result.top_1.count, result.top_1.total) == (first, 50)
    assert (result.top_5.count, result.top_5.total) == (fifth, 50)
    assert result.cross_entropy == pytest.approx(loss)
    assert result.images == 50 and result.corrupt == ("broken.jpg",)
    np.testing.assert_allclose(
        result.per_class, [confusion[k, k] / (labels == k).sum() for k in range(8)]
    )


def test_of_equal_probabilities_the_first_counts():
    result = tally(np.log(np.full((8, 8), 1 / 8)), np.arange(8)).result()
    assert result.top_1.count == 1 and result.top_5.count == 5
    np.testing.assert_array_equal(result.confusion[:, 0], np.ones(8))
    assert result.cross_entropy == pytest.approx(np.log(8))
    assert result.calibration_error == pytest.approx(0)


def test_no_top_5_of_five_classes():
    assert tally(np.log(np.full((2, 5), 0.2)), np.array([0, 1]), NAMES[:5]).result().top_5 is None


def test_mistakes_and_json():
    best = np.array([1, 1, 0, 2, 2, 1, 0])
    labels = np.array([0, 0, 0, 2, 1, 1, 1])
    certain = np.log(np.where(np.eye(4)[best] == 1, 0.97, 0.01))
    result = tally(certain, labels, NAMES[:4]).result()
    assert result.mistakes() == [("a", "b", 2), ("b", "a", 1), ("b", "c", 1)]
    shown = json.loads(json.dumps(result.as_dict()))
    assert shown["top_1"]["count"] == 3 and shown["top_5"] is None and shown["images"] == 7
    assert shown["classes"][1] == {
        "class": "b",
        "images": 3,
        "accuracy": pytest.approx(1 / 3),
        "taken_for": {"a": 1, "c": 1},
    }
    assert shown["classes"][3] == {"class": "d", "images": 0, "accuracy": None, "taken_for": {}}
    assert shown["calibration_error"] == pytest.approx(0.97 - 3 / 7)


def test_nan():
    with pytest.raises(ValueError, match="got NaN: its weights are broken"):
        Tally(NAMES).add(np.full((1, 8), np.nan), np.array([0]))
