"""Reading a .tflite's operators."""

import pytest
import tensorflow as tf

from larq_bvit.convert import count_ops


def test_counts_the_operators_of_a_stock_tflite():
    x = tf.keras.Input((4, 4, 3), 1)
    y = tf.keras.layers.Conv2D(2, 1)(tf.keras.layers.MaxPooling2D(2)(x))
    model = tf.keras.Model(x, tf.keras.layers.Softmax()(y))
    tflite = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    assert count_ops(tflite) == {"MAX_POOL_2D": 1, "CONV_2D": 1, "SOFTMAX": 1}


def test_other_bytes_are_refused():
    with pytest.raises(ValueError, match=r"expected a \.tflite .* got bytes b'not a tf'"):
        count_ops(b"not a tflite")
