"""A model's weights by name."""

import pytest
import tensorflow as tf

from larq_bvit.zoo.named_weights import named_weights

L = tf.keras.layers


def test_paths_of_layers():
    x = tf.keras.Input((3,))
    inner = tf.keras.Sequential([tf.keras.Input((4,)), L.Dense(5, name="b")], name="inner")
    model = tf.keras.Model(x, inner(L.Dense(4, name="a/c")(x)))
    assert list(named_weights(model)) == [
        "a/c/kernel",
        "a/c/bias",
        "inner/b/kernel",
        "inner/b/bias",
    ]


def test_two_of_one_name():
    layer = L.Layer(name="two")
    x = tf.keras.Input((3,))
    for _ in range(2):
        layer.add_weight(name="scale", shape=(3,))
    with pytest.raises(ValueError, match="expected weights of different names; got two of two/sca"):
        named_weights(tf.keras.Model(x, layer(x)))


def test_one_of_no_layer():
    model = tf.keras.Sequential([tf.keras.Input((3,)), L.Dense(2)], name="mine")
    model.extra = tf.Variable(1.0, name="extra")
    with pytest.raises(ValueError, match="expected layers to hold all weights; extra:0 is mine's"):
        named_weights(model)
