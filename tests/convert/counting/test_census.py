"""The census against hand counts."""

import json

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
    kernels = 4 * (16 * 27 + 25 * 16 + 16 * 7)
    assert kernels <= count.constants < kernels + 300  # axes, biases, of which equal ones are one
    assert count.size - count.constants == count.graph + count.attached
    assert {p.reason for p in count.products} == {"full-precision weights"}
    assert count.binary_coverage == 0 and count.float_share == 1


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
    count = convert.census(convert.to_tflite(model, verify=False))
    profile = zoo.profile(model)
    products = [p for p in count.products if p.operator == "FULLY_CONNECTED" and not p.constant]
    attention = sum(p.macs for p in products)
    assert count.binary_macs + attention == profile.binary_macs
    cross = sum(p.macs for p in count.products if p.operator == "DEPTHWISE_CONV_2D")
    assert count.float_macs - attention - cross == profile.float_macs
    assert [p.operator for p in count.float_layers if p.operator != "DEPTHWISE_CONV_2D"] == [
        "CONV_2D",
        "FULLY_CONNECTED",
    ]
    layers = [p for p in count.products if p.constant]
    assert count.binary_coverage == len(count.binary_layers) / len(layers)
    assert count.float_share == sum(p.macs for p in layers if not p.binary) / (
        count.binary_macs + count.float_macs
    )


def test_as_json():
    x = L.Input((4, 4, 32), 1)
    count = convert.census(convert.to_tflite(tf.keras.Model(x, layers.binary_linear(8)(x))))
    read = json.loads(json.dumps(count.as_dict()))
    assert read["binary_macs"] == 16 * 8 * 32 and read["products"][0]["operator"] == "LceBconv2d"
    assert read["size"] == sum(read[k] for k in ("bits", "constants", "graph", "attached"))
    assert read["products"][0]["reason"] is None
    assert (read["binary_layers"], read["float_layers"]) == (1, 0)
    assert read["binary_coverage"] == 1 and read["float_share"] == 0
