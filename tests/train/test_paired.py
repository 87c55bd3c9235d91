"""Two classifiers on the same images."""

import json

import numpy as np
import pytest

from larq_bvit.train.paired import Difference, Hits

LABELS = np.array([0, 1, 2, 3, 1000, 1, 0, 2, 1, 1, 3])


def hits(right):
    best = np.where(np.array(list(right)) == "1", LABELS, LABELS + 1)
    return Hits.of(best, LABELS)


ONE, OTHER = hits("11101100101"), hits("11010010001")


def test_are_read_as_they_were_written():
    stored = json.loads(json.dumps(ONE.as_dict()))
    read = Hits.from_dict(stored, 11)
    assert read.labels_sha256 == ONE.labels_sha256
    np.testing.assert_array_equal(read.right, [c == "1" for c in "11101100101"])


@pytest.mark.parametrize(
    ("change", "count"),
    [({}, 17), ({}, 8), ({"right": "!"}, 11), ({"right": "AA=="}, 11), ({"right": None}, 11)],
)
def test_something_else(change, count):
    with pytest.raises((ValueError, TypeError)):
        Hits.from_dict({**ONE.as_dict(), **change}, count)


def test_counts_what_only_one_recognises():
    assert Difference.of(ONE, OTHER) == Difference(4, 2, 11)
    assert Difference.of(ONE, OTHER).value == pytest.approx(7 / 11 - 5 / 11)
    assert str(Difference(60, 40, 10_000)) == "+0.20 (+0.00 to +0.40)"


def test_other_images_are_not_compared():
    others = Hits.of(LABELS[::-1], LABELS[::-1])
    assert Difference.of(ONE, others) is None
    assert Difference.of(ONE, Hits.of(LABELS[:-1], LABELS[:-1])) is None


@pytest.mark.parametrize(("one", "other"), [(60, 40), (0, 0), (11, 3)])
def test_interval_is_of_the_mean_of_differences(one, other):
    """Half an image more of each kind: right by both, by neither, by the one, by the other."""
    total = 200
    values = np.repeat(
        [1.0, -1.0, 0.0], [2 * one + 1, 2 * other + 1, 2 * (total - one - other) + 2]
    )
    margin = 1.959964 * values.std() / np.sqrt(total + 2)
    wanted = values.mean() - margin, values.mean() + margin
    assert Difference(one, other, total).interval() == pytest.approx(wanted, abs=1e-6)


def test_interval_holds_the_truth_in_19_of_20_samples():
    generator = np.random.default_rng(0)
    counts = generator.multinomial(400, [0.06, 0.03, 0.91], size=2_000)
    found = [Difference(int(b), int(c), 400).interval() for b, c, _ in counts]
    assert np.mean([low <= 0.03 <= high for low, high in found]) == pytest.approx(0.95, abs=0.015)


def test_interval_has_an_end():
    assert Difference(2, 0, 2).interval()[1] == 1 and Difference(0, 2, 2).interval()[0] == -1
