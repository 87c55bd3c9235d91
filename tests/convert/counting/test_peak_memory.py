"""Live memory by hand."""

import tensorflow as tf

from larq_bvit import convert

L = tf.keras.layers


def stock(model: tf.keras.Model) -> bytes:
    return tf.lite.TFLiteConverter.from_keras_model(model).convert()


def test_peak_is_two_maps_in_a_chain_and_three_around_a_shortcut():
    x = L.Input((8, 8, 4), 1)
    size = 8 * 8 * 4 * 4
    chain = tf.keras.Model(x, L.MaxPooling2D(3, 1, "same")(L.MaxPooling2D(5, 1, "same")(x)))
    assert convert.census(stock(chain)).peak_activations == 2 * size
    y = L.MaxPooling2D(3, 1, "same")(L.MaxPooling2D(5, 1, "same")(x))
    assert convert.census(stock(tf.keras.Model(x, L.Add()([x, y])))).peak_activations == 3 * size


def test_float16_constants_are_weights_and_take_memory_to_the_end():
    x = L.Input((8, 8, 4), 1)
    model = tf.keras.Model(x, L.Conv2D(4, 3, padding="same")(L.MaxPooling2D(3, 1, "same")(x)))
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    whole = convert.census(converter.convert())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    half = convert.census(converter.convert())
    assert half.operators == {"DEQUANTIZE": 2, **whole.operators}
    assert len(half.float_layers) == 1 and half.products[0].reason == "full-precision weights"
    weights = 4 * 9 * 4 + 4
    assert (whole.constants, half.constants) == (4 * weights, 2 * weights)
    assert half.peak_activations == whole.peak_activations + 4 * weights
