"""drop_path: whole samples, rescaled."""

import numpy as np
import pytest

from larq_bvit.layers import drop_path
from tests.layers.common import close, contract, normal, run

test_contract = contract(lambda: drop_path(0.4), (4, 6, 8))


def test_is_the_identity_unless_training():
    x = normal(64, 2, 3, 4)
    y, dy, dx, _ = run(drop_path(0.5), x)
    close(y, x)
    close(dx, dy)
    close(drop_path(0.0)(x, training=True), x)


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_drops_whole_samples_and_rescales_the_others(rate):
    x = normal(2000, 1, 2, 3)
    y, dy, dx, _ = run(drop_path(rate), x, training=True)
    kept = (y != 0).any(axis=(1, 2, 3))
    factor = (kept / (1 - rate))[:, None, None, None]
    close(y, factor * x)
    close(dx, factor * dy)
    deviation = np.sqrt(rate * (1 - rate) / len(x))
    assert 0 < abs(kept.mean() - (1 - rate)) < 4 * deviation  # the expectation of y is x


def test_takes_a_name():
    assert drop_path(0.1, name="block1/drop_path").name == "block1/drop_path"


@pytest.mark.parametrize("shape", [(2, 4), (4, 16, 8), (2, 1, 2, 3, 4)])
def test_is_for_maps(shape):
    with pytest.raises(ValueError, match=f"expected ndim=4, found ndim={len(shape)}"):
        drop_path(0.5)(normal(*shape), training=True)
