"""Agreement by hand."""

import numpy as np
import pytest

from larq_bvit.convert.verification.compare import Agreement, compare, compare_all

EXPECTED = np.array([[3.0, 4.0], [0.0, -8.0]], np.float32)


def test_by_hand():
    got = np.array([[3.0, 4.0], [-0.5, -8.0]], np.float32) + 0
    got[1, 0], got[0, 0] = -9.0, 3.5  # the second image's best class changes
    agreement = compare(got, EXPECTED)
    assert agreement.absolute == 9 and agreement.relative == 9 / 8 and agreement.top_1 == 0.5
    cosine = (3.5 * 3 + 16 + 64) / np.sqrt((3.5**2 + 16 + 81 + 64) * (9 + 16 + 64))
    assert agreement.cosine == pytest.approx(cosine)
    assert str(agreement) == (
        f"largest difference 9.0e+00 (1.1e+00 relative), cosine {cosine:.6f}, same best class 50.0%"
    )


def test_equal_outputs():
    assert compare(EXPECTED, EXPECTED) == Agreement(0.0, 0.0, pytest.approx(1.0), 1.0)
    zeros = np.zeros((2, 3))
    assert compare(zeros, zeros).relative == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_agrees_with_nothing(value):
    got = EXPECTED.copy()
    got[0, 0] = value
    assert compare(got, EXPECTED) == Agreement(np.inf, np.inf, 0.0, 0.0)


def test_maps_have_no_best_class():
    agreement = compare(np.ones((2, 4, 4, 3)), np.ones((2, 4, 4, 3)))
    assert agreement.top_1 is None and "best class" not in str(agreement)


def test_the_worst_of_several():
    maps = np.ones((2, 4, 4, 3))
    worst = compare_all([EXPECTED + 1, maps * 1.5], [EXPECTED, maps])
    assert (worst.absolute, worst.relative, worst.top_1) == (1, 0.5, 1)
    assert worst.cosine == compare(EXPECTED + 1, EXPECTED).cosine < 1
    assert compare_all([maps], [maps]).top_1 is None
    with pytest.raises(ValueError, match="argument 2"):
        compare_all([maps], [maps, maps])
