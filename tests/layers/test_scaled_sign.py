"""ScaledSign: binary kernels, centred or not."""

import numpy as np
import pytest
import tensorflow as tf

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


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "float16"])
@pytest.mark.parametrize("centred", [False, True])
def test_exactly_idempotent(centred, dtype):
    quantizer = ScaledSign(centred=centred, dtype=dtype)
    for fan_in in (1, 2, 3, 7, 27, 100, 513, 4608):  # all sums but of powers of 2 are rounded
        w = tf.cast(kernel(fan_in), dtype)
        once = quantizer(w)
        assert (quantizer(once) == once).numpy().all(), fan_in
        assert len(set(once.numpy()[0])) > 8  # many scales


@pytest.mark.parametrize("centred", [False, True])
def test_exactly_idempotent_in_xla_and_between_both(centred):
    quantizer = ScaledSign(centred=centred)
    compiled = tf.function(lambda w: quantizer(w), jit_compile=True)
    w = tf.cast(kernel(513), "float32")
    for once in (quantizer(w), compiled(w)):
        for again in (quantizer(once), compiled(once)):
            np.testing.assert_array_equal(again, once)


def kernel(fan_in, channels=64):
    """Channels of many scales and means."""
    rng = np.random.default_rng(0)
    return rng.normal(0.1, 0.3, (fan_in, channels)) * rng.uniform(0.01, 9, channels)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_channel_of_equal_weights_is_exactly_at_its_mean(dtype):
    scales = np.random.default_rng(0).normal(size=64).astype(dtype)
    w = np.broadcast_to(scales, (3, 3, 67, 64))
    np.testing.assert_array_equal(ScaledSign(centred=True, dtype=dtype)(w), np.abs(w))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_does_not_lose_the_scale(dtype):
    q = ScaledSign(dtype=dtype)(np.full((3, 3, 512, 2), 0.3, "float32"))
    assert q.dtype == dtype
    np.testing.assert_allclose(q.numpy().astype("float64"), 0.3, rtol=0.005)


def test_is_one_bit():
    assert ScaledSign().precision == 1
