"""binary_linear and binary_conv: Larq's layer with the published quantizers."""

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers import bias_uniform, binary_conv, binary_linear, torch_uniform
from tests.layers.common import close, contract, correlate, normal, randomise, run

test_contract_linear = contract(lambda: binary_linear(5), (4, 6, 8))
test_contract_conv = contract(lambda: binary_conv(5, 3, strides=2), (4, 6, 8))

STARVED = "may result in starved weights"


def sign(x):
    return np.where(x >= 0, 1.0, -1.0)


def scales(w):
    return np.abs(w).mean((0, 1, 2))


def straight_through(x, w):
    """What the signs' gradients are multiplied by."""
    return np.maximum(2 - 2 * np.abs(x), 0), np.abs(w) <= 1


def prepared(layer, x):
    layer.build(x.shape)
    w = 2 * randomise(layer.weights)[0] + 0.3  # some beyond 1, with means apart from 0
    layer.kernel.assign(w)
    return w


def test_linear_equals_numpy():
    x, layer = normal(2, 3, 4, 12), binary_linear(5)
    w = prepared(layer, x)
    y, dy, dx, dw = run(layer, x)
    centred = w - w.mean((0, 1, 2))
    q = (scales(w) * sign(centred))[0, 0]
    close(y, sign(x) @ q)
    dx_scale, dw_scale = straight_through(x, centred)
    assert 0 < dw_scale.sum() < dw_scale.size
    close(dx, dx_scale * (dy @ q.T))
    passed = dw_scale * np.einsum("bhwc,bhwo->co", sign(x), dy)
    close(dw, passed - passed.mean(2))


@pytest.mark.parametrize(
    "size, strides, padding, pads",
    [(3, 1, "same", (1, 1)), (3, 2, "same", (0, 1)), (2, 2, "valid", (0, 0))],
)
def test_conv_equals_numpy(size, strides, padding, pads):
    x, layer = normal(2, 4, 6, 3), binary_conv(5, size, strides, padding)
    w = prepared(layer, x)
    y, dy, dx, dw = run(layer, x)
    q = scales(w) * sign(w)
    close(y, correlate(sign(x), q, strides, pads))
    signs = np.pad(sign(x), [(0, 0), pads, pads, (0, 0)])  # the padding is 0, not a sign
    dsigns, dq = np.zeros_like(signs), np.zeros_like(w)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            at = (slice(None), *(slice(n * strides, n * strides + size) for n in (i, j)))
            dsigns[at] += np.einsum("bo,hwco->bhwc", dy[:, i, j], q)
            dq += np.einsum("bo,bhwc->hwco", dy[:, i, j], signs[at])
    dx_scale, dw_scale = straight_through(x, w)
    high, wide = x.shape[1:3]
    close(dx, dx_scale * dsigns[:, pads[0] : pads[0] + high, pads[0] : pads[0] + wide])
    close(dw, dw_scale * dq)


def test_trap_4_only_linear_layers_centre_and_the_scale_never_does():
    x = np.ones((1, 1, 1, 4))
    w = np.array([2.25, 2.5, 2.75, 6.5]).reshape(1, 1, 4, 1)  # mean 3.5
    signs = {binary_linear(1): [-1, -1, -1, 1], binary_conv(1, 1): [1, 1, 1, 1]}
    for layer, expected in signs.items():
        layer.build(x.shape)
        layer.kernel.assign(w)
        y, _, _, dw = run(layer, x)
        assert y.item() == 3.5 * sum(expected)  # the mean of the centred magnitudes is 1.5
    # detached: through the scale every weight of the convolution would get a gradient, but
    # all of them are beyond 1
    assert (dw == 0).all()


def test_trainer_may_move_weights_beyond_one():
    layer = binary_conv(1, 1)
    model = tf.keras.Sequential([tf.keras.Input((2, 2, 3)), layer])
    layer.kernel.assign(np.array([1.0, -1.0, 3.0]).reshape(1, 1, 3, 1))
    step = np.array([2.0, -2.0, 1.0]).reshape(1, 1, 3, 1)
    tf.keras.optimizers.SGD(1.0).apply_gradients([(-step, model.trainable_variables[0])])
    close(layer.kernel.numpy().ravel(), [3, -3, 4])


@pytest.mark.parametrize("make", [lambda: binary_linear(5), lambda: binary_conv(5, 3)])
def test_larq_counts_one_bit_per_weight(make):
    layer = make()
    assert isinstance(layer, lq.layers.QuantConv2D) and not layer.use_bias
    profile = lq.models.ModelProfile(tf.keras.Sequential([tf.keras.Input((4, 6, 8)), layer]))
    count = np.prod(layer.kernel.shape)
    assert profile.weight_count(1) == profile.weight_count() == profile.memory == count
    assert profile.op_count("mac", 1) == profile.op_count("mac") == 24 * count


def test_layers_and_their_copies_warn_of_nothing(caplog):
    for layer in (binary_linear(5), binary_conv(5, 3)):
        type(layer).from_config(layer.get_config())
    assert caplog.records == []


def test_larq_still_warns_of_layers_of_your_own(caplog):
    lq.layers.QuantConv2D(5, 3, kernel_quantizer="ste_sign")
    assert STARVED in caplog.text


@pytest.mark.parametrize("make", [lambda: binary_linear(96), lambda: binary_conv(96, 3)])
def test_kernels_start_as_in_pytorch(make):
    layer = make()
    layer.build((None, 4, 6, 64))
    assert_uniform(layer.kernel.numpy(), fan_in=np.prod(layer.kernel.shape[:3]))


def test_conv_takes_another_initializer():
    layer = binary_conv(5, 3, kernel_initializer=tf.keras.initializers.Constant(0.125))
    layer.build((None, 4, 6, 8))
    assert (layer.kernel.numpy() == 0.125).all()


@pytest.mark.parametrize("fan_in", [16, 50])
def test_initializers_are_uniform_by_fan_in(fan_in):
    assert_uniform(torch_uniform()((1, 1, fan_in, 500)).numpy(), fan_in)
    assert_uniform(bias_uniform(fan_in)((5000,)).numpy(), fan_in)


def assert_uniform(values, fan_in):
    """Whether `values` fill +-1 / sqrt(fan in) evenly."""
    assert 0.98 < np.abs(values).max() * fan_in**0.5 <= 1.000001
    quarters, _ = np.histogram(values * fan_in**0.5, bins=4, range=(-1.000001, 1.000001))
    np.testing.assert_allclose(quarters / values.size, 0.25, atol=0.03)
