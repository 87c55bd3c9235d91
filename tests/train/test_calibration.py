"""The expected calibration error."""

import numpy as np
import pytest

from larq_bvit.train.calibration import Calibration


def test_by_hand():
    calibration = Calibration(bins=2)
    # 0.5 belongs to the lower bin: (0, 0.5] and (0.5, 1]
    calibration.add(np.array([0.5, 0.3]), np.array([True, False]))
    calibration.add(np.array([0.9, 0.7, 1.0]), np.array([True, True, False]))
    np.testing.assert_array_equal(calibration.counts, [2, 3])
    lower, upper = abs(1 / 2 - 0.4), abs(2 / 3 - 2.6 / 3)
    assert calibration.error == pytest.approx((2 * lower + 3 * upper) / 5)


def test_against_the_definition_in_any_batches():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.01, 1, 1000)
    correct = rng.uniform(size=1000) < confidence**2
    error = 0.0
    for m in range(1, 16):
        inside = (confidence > (m - 1) / 15) & (confidence <= m / 15)
        difference = correct[inside].mean() - confidence[inside].mean()
        error += inside.sum() / 1000 * abs(difference)
    for size in (1, 64, 1000):
        calibration = Calibration()
        for start in range(0, 1000, size):
            part = slice(start, start + size)
            calibration.add(confidence[part], correct[part])
        assert calibration.error == pytest.approx(error, rel=1e-12)
    assert error > 0.1


def test_perfect_and_always_wrong():
    for correct, error in ((True, 0.0), (False, 1.0)):
        calibration = Calibration()
        calibration.add(np.ones(3), np.full(3, correct))
        assert calibration.error == error
