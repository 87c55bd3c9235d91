"""Upsample repeats pixels, and its gradient sums them, in XLA too."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers import Upsample
from tests.layers.common import close, contract, normal, policy, run

test_contract = contract(lambda: Upsample((2, 3)), (4, 6, 8))


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 1), (2, 5)])
def test_equals_numpy(size):
    rows, columns = size
    with policy("float64"):
        layer = Upsample(size)
    x = normal(2, 3, 4, 5)
    y, dy, dx, _ = run(layer, x)
    close(y, np.repeat(np.repeat(x, rows, 1), columns, 2))
    for i in range(3):
        for j in range(4):
            part = dy[:, i * rows : (i + 1) * rows, j * columns : (j + 1) * columns]
            close(dx[:, i, j], part.sum((1, 2)))


def test_is_keras_own_with_its_gradient():
    x = tf.constant(normal(2, 3, 4, 5).astype("float32"))
    results = []
    for layer in (Upsample((2, 3)), tf.keras.layers.UpSampling2D((2, 3))):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = tf.reduce_sum(y**3)
        results.append((y.numpy(), tape.gradient(loss, x).numpy()))
    np.testing.assert_array_equal(results[0][0], results[1][0])
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-5)


def test_xla_has_its_gradient():
    layer, x = Upsample((2, 3)), tf.constant(normal(2, 3, 4, 5).astype("float32"))

    @tf.function(jit_compile=True)
    def gradient():
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x) ** 2)
        return tape.gradient(loss, x)

    np.testing.assert_allclose(gradient(), 12 * x, rtol=1e-5)


def test_maps_of_open_size():
    layer = Upsample((2, 3))

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 4))])
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x) ** 2)
        return tape.gradient(loss, x)

    x = normal(2, 3, 5, 4).astype("float32")
    np.testing.assert_allclose(gradient(x), 12 * x, rtol=1e-5)
