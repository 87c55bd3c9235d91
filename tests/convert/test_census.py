"""The census against hand counts."""

import json

import numpy as np
import tensorflow as tf

from larq_bvit import convert, layers, zoo
from tests.convert.models import tiny

L = tf.keras.layers


def stock(model: tf.keras.Model) -> bytes:
    return tf.lite.TFLiteConverter.from_keras_model(model).convert()


def test_a_stock_tflite_by_hand():
    x = L.Input((8, 6, 3), 1)
    y = L.Conv2D(16, 3, strides=2, padding="same")(x)  # 4 x 3 pixels
    y = L.DepthwiseConv2D(5, padding="same")(y)
    y = L.Dense(7)(L.GlobalAveragePooling2D()(y))
    count = convert.census(stock(tf.keras.Model(x, y)))
    assert [p.macs for p in count.products] == [12 * 16 * 27, 12 * 16 * 25, 16 * 7]
    assert count.float_macs == 12 * 16 * 27 + 12 * 16 * 25 + 16 * 7
    assert count.binary_macs == count.bits == 0
    weights = 4 * (16 * 27 + 16 + 25 * 16 + 16 + 16 * 7 + 7)
    assert weights <= count.constants < weights + 600  # axes, shapes, the converter's metadata


def test_binary_layers_by_hand():
    """Channels that are no multiple of 32 count as they are, and are stored in whole words."""
    x = L.Input((5, 4, 40), 1)
    tflite = convert.to_tflite(tf.keras.Model(x, layers.binary_conv(24, 3)(x)))
    count = convert.census(tflite)
    assert count.binary_macs == 5 * 4 * 24 * 9 * 40
    assert count.bits == 24 * 9 * 2 * 4
    assert count.size == len(tflite)
    assert count.operators == {"LceQuantize": 1, "LceBconv2d": 1}


def test_it_counts_what_the_profile_counts():
    model = tiny("binaryvit_nano")
    count, profile = convert.census(convert.to_tflite(model)), zoo.profile(model)
    products = [p for p in count.products if p.operator == "FULLY_CONNECTED" and not p.constant]
    attention = sum(p.macs for p in products)
    assert count.binary_macs + attention == profile.binary_macs
    cross = sum(p.macs for p in count.products if p.operator == "DEPTHWISE_CONV_2D")
    assert count.float_macs - attention - cross == profile.float_macs
    assert [p.operator for p in count.float_layers if p.operator != "DEPTHWISE_CONV_2D"] == [
        "CONV_2D",
        "FULLY_CONNECTED",
    ]


def test_peak_is_two_maps_in_a_chain_and_three_around_a_shortcut():
    x = L.Input((8, 8, 4), 1)
    size = 8 * 8 * 4 * 4
    chain = tf.keras.Model(x, L.MaxPooling2D(3, 1, "same")(L.MaxPooling2D(5, 1, "same")(x)))
    assert convert.census(stock(chain)).peak_activations == 2 * size
    y = L.MaxPooling2D(3, 1, "same")(L.MaxPooling2D(5, 1, "same")(x))
    assert convert.census(stock(tf.keras.Model(x, L.Add()([x, y])))).peak_activations == 3 * size


def test_as_json():
    x = L.Input((4, 4, 32), 1)
    count = convert.census(convert.to_tflite(tf.keras.Model(x, layers.binary_linear(8)(x))))
    read = json.loads(json.dumps(count.as_dict()))
    assert read["binary_macs"] == 16 * 8 * 32 and read["products"][0]["operator"] == "LceBconv2d"
    assert np.isclose(read["size"], read["bits"] + read["constants"] + read["graph"])
