"""Convolutions as products compute the same, with the same gradients."""

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers.quantized import binary_conv, binary_linear
from larq_bvit.train.jax_backend.products import convolutions_as_products

Conv = tf.keras.layers.Conv2D
PRODUCTS = {
    "linear": lambda: binary_linear(5),
    "downsampling": lambda: binary_conv(5, 2, strides=2, padding="valid"),
    "patches with a bias": lambda: Conv(5, 4, strides=4, bias_initializer="ones"),
    "oblong patches": lambda: Conv(5, (2, 4), strides=(2, 4), padding="same"),
    "activation": lambda: Conv(5, 1, activation="relu"),
    "overlapping": lambda: binary_conv(5, 3),
    "padded with ones": lambda: lq.layers.QuantConv2D(5, 3, padding="same", pad_values=1.0),
    "overlapping, strided": lambda: Conv(5, (7, 4), strides=(2, 3), padding="same"),
    "not padded": lambda: Conv(5, (3, 5), strides=(2, 1)),
    "skipping": lambda: Conv(5, 1, strides=2),
    "padded": lambda: Conv(5, 3, strides=3, padding="same"),
    "cut off": lambda: Conv(5, 3, strides=3),
}
OTHERS = {
    "grouped": lambda: Conv(4, 1, groups=2),
    "dilated": lambda: Conv(5, 1, dilation_rate=2),
}


def traced(layer, shape):
    """A layer's output and gradients, and the number of convolutions in its graph."""

    @tf.function(autograph=False)
    def both(x, slope):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        return y, *tape.gradient(y, [x, *layer.trainable_variables], slope)

    random = np.random.default_rng(0)
    shapes = shape, layer.compute_output_shape(shape)
    x, slope = (random.normal(size=size).astype(layer.dtype) for size in shapes)
    nodes = both.get_concrete_function(x, slope).graph.get_operations()
    return both(x, slope), sum(node.type.startswith("Conv2D") for node in nodes)


@pytest.mark.parametrize("name", [*PRODUCTS, *OTHERS])
def test_same_numbers(name):
    tf.keras.backend.set_floatx("float64")
    shape = (2, 8, 16, 6)
    layer = {**PRODUCTS, **OTHERS}[name]()
    layer.build(shape)
    want, convolutions = traced(layer, shape)
    with convolutions_as_products():
        got, left = traced(layer, shape)
    if name in PRODUCTS:
        assert (left, convolutions) == (0, 3)  # forward and two gradients
    else:
        assert left == convolutions
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


def test_only_within():
    """An error within ends it, too."""
    with pytest.raises(ZeroDivisionError), convolutions_as_products():
        raise ZeroDivisionError
    _, convolutions = traced(lq.layers.QuantConv2D(3, 1), (1, 4, 4, 2))
    assert convolutions == 3
