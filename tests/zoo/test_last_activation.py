"""What a model ends in."""

import pytest
import tensorflow as tf

from larq_bvit.zoo.last_activation import last_activation

L = tf.keras.layers


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([L.Dense(2)], tf.keras.activations.linear),
        ([L.Dense(2, activation="relu")], tf.keras.activations.relu),
        ([L.Dense(2, activation="softmax")], tf.keras.activations.softmax),
        ([L.Dense(2), L.Activation("softmax")], tf.keras.activations.softmax),
        ([L.Dense(2), L.Softmax()], tf.keras.activations.softmax),
        ([L.Dense(2, activation="softmax"), L.Flatten()], None),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_last_activation(layers, expected, nested):
    x = tf.keras.Input((3,))
    model = tf.keras.Model(x, tf.keras.Sequential(layers)(x))
    if nested:
        y = tf.keras.Input((3,))
        model = tf.keras.Model(y, model(y))
    assert last_activation(model.outputs[0]) is expected
