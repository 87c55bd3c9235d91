"""ScaledSign: binary kernels, centred or not."""

import numpy as np
import pytest

from larq_bvit.layers import ScaledSign
from tests.layers.common import close, contract, normal, run

test_contract = contract(lambda: ScaledSign(centred=True), (4, 6, 8))
test_contract_uncentred = contract(ScaledSign, (4, 6, 8))


def by_hand(w, dy, centred):
    """Forward and gradient, one output channel at a time."""
    q, dw = np.zeros_like(w), np.zeros_like(w)
    for c in range(w.shape[-1]):
        channel, incoming = w[..., c], dy[..., c]
        u = channel - channel.mean() if centred else channel
        q[..., c] = np.abs(channel).mean() * np.sign(u)
        passed = incoming * (np.abs(u) <= 1)
        dw[..., c] = passed - passed.mean() if centred else passed
    return q, dw


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("shape", [(1, 1, 12, 5), (3, 3, 4, 5), (7, 3)])
def test_equals_numpy(shape, centred):
    w = normal(*shape) + np.linspace(-1, 1, shape[-1])  # means apart from 0
    q, dy, dw, _ = run(ScaledSign(centred=centred), w)
    expected_q, expected_dw = by_hand(w, dy, centred)
    close(q, expected_q)
    close(dw, expected_dw)


def test_special_points():
    w = np.array([[-1.5], [-1.0], [0.0], [-0.0], [1.0], [2.5]])  # mean |w| = 1
    q, dy, dw, _ = run(ScaledSign(), w)
    assert q.ravel().tolist() == [-1, -1, 1, 1, 1, 1]
    assert (dw / dy).ravel().tolist() == [0, 1, 1, 1, 1, 0]


def test_centring_moves_signs_and_mask_but_not_the_scale():
    w = np.array([[0.5], [1.5], [2.0], [4.0]])  # mean 2, so centred -1.5, -0.5, 0, 2
    q, dy, dw, _ = run(ScaledSign(centred=True), w)
    assert q.ravel().tolist() == [-2, -2, 2, 2]  # the scale of the centred weights would be 1
    passed = dy * [[0], [1], [1], [0]]
    close(dw, passed - passed.mean())
    q, dy, dw, _ = run(ScaledSign(), w)
    assert q.ravel().tolist() == [2, 2, 2, 2]
    close(dw, dy * [[1], [0], [0], [0]])


@pytest.mark.parametrize("value", [0.25, -0.5, 0.0])
def test_channel_of_equal_weights_becomes_plus_its_magnitude(value):
    w = np.full((3, 3, 2, 1), value)
    assert (run(ScaledSign(centred=True), w)[0] == abs(value)).all()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_does_not_lose_the_scale(dtype):
    q = ScaledSign(dtype=dtype)(np.full((3, 3, 512, 2), 0.3, "float32"))
    assert q.dtype == dtype
    np.testing.assert_allclose(q.numpy().astype("float64"), 0.3, rtol=0.005)


def test_is_one_bit():
    assert ScaledSign().precision == 1
