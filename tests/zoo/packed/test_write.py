"""What packed files hold, by the layout's own words."""

import json
import logging

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.zoo import BinaryViT, WeightsMetadata
from larq_bvit.zoo.macs import one_bit
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.packed import describe, packed_bytes, read_packed
from tests.layers.common import policy
from tests.zoo import common
from tests.zoo.packed.rewriting import content, sha256
from tests.zoo.test_binaryvit import TINY


@pytest.fixture(scope="module")
def model():
    return common.randomise(BinaryViT(TINY, input_shape=(32, 64, 3), num_classes=5))


@pytest.fixture(scope="module")
def file(model, tmp_path_factory):
    """The description and tensors of a file."""
    path = tmp_path_factory.mktemp("packed") / "x.safetensors"
    path.write_bytes(packed_bytes(model, WeightsMetadata(dataset="a")))
    return content(path)


def test_every_tensor(model, file):
    """Against a definition of its own: BinaryViT centres 1x1 kernels alone."""
    entry, tensors = file
    expected = {}
    for path, weight in named_weights(model).items():
        value = weight.numpy()
        if not one_bit(weight):
            expected[path] = value
            continue
        assert entry["kernels"][path] == list(value.shape)
        rows = value.reshape(-1, value.shape[-1]).astype("float64")
        rows_centred = rows - rows.mean(0) if value.shape[:2] == (1, 1) else rows
        bits = np.zeros((value.shape[-1], -(-len(rows) // 8)), "uint8")
        for i, weights in enumerate(rows_centred):
            bits[:, i // 8] |= (weights >= 0).astype("uint8") << (i % 8)
        expected[f"{path}:bits"] = bits
        expected[f"{path}:scale"] = value_of_quantizer(weight)
        np.testing.assert_allclose(expected[f"{path}:scale"], np.abs(rows).mean(0), rtol=1e-6)
    assert tensors.keys() == expected.keys() and len(entry["kernels"]) == 14
    for name, value in tensors.items():
        assert value.dtype == (np.uint8 if name.endswith(":bits") else np.float32)
        np.testing.assert_array_equal(value, expected[name], err_msg=name)


def value_of_quantizer(kernel):
    """The scales that the layer computes with."""
    with lq.context.quantized_scope(True):
        return np.abs(tf.convert_to_tensor(kernel).numpy()[0, 0, 0])


def test_description(file):
    entry, tensors = file
    assert entry["whole"] == []
    assert entry["format"] == 2 and entry["latent"] is False and entry["dataset"] == "a"
    assert entry["sha256"] == sha256(entry, tensors)


def test_same_weights_same_bytes(model):
    metadata = describe(model, None)
    first = packed_bytes(model, metadata)
    with lq.context.quantized_scope(True):
        assert packed_bytes(model, metadata) == first


def test_latent(model, tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(packed_bytes(model, describe(model, None), latent=True))
    entry, tensors = content(path)
    assert entry["latent"] is True and entry["kernels"] == {}
    binary = {name for name, weight in named_weights(model).items() if one_bit(weight)}
    assert set(entry["whole"]) == binary == read_packed(path).binary
    for name, weight in named_weights(model).items():
        np.testing.assert_array_equal(tensors.pop(name), weight.numpy())
    assert not tensors


def test_size():
    model = zoo.create("binaryvit_nano", input_shape=(64, 64, 3), num_classes=200)
    weights = model.weights
    bits = sum(int(np.prod(weight.shape)) for weight in weights if one_bit(weight))
    floats = sum(int(np.prod(weight.shape)) for weight in weights if not one_bit(weight))
    assert bits > 1_600_000
    assert len(packed_bytes(model, describe(model, None))) <= 1.15 * (bits / 8 + 4 * floats)


def test_a_kernel_that_bits_do_not_say_is_stored_whole(tmp_path, caplog):
    heaviside = lq.layers.QuantDense(4, kernel_quantizer="ste_heaviside", name="dense")
    model = tf.keras.Sequential([tf.keras.Input((6,)), heaviside])
    with caplog.at_level(logging.INFO):
        (tmp_path / "x").write_bytes(packed_bytes(model, WeightsMetadata()))
    assert "dense/kernel is stored whole: its quantizer would change what was packed" in caplog.text
    entry, tensors = content(tmp_path / "x")
    assert entry["kernels"] == {} and entry["latent"] is False
    assert entry["whole"] == ["dense/kernel"]
    np.testing.assert_array_equal(tensors["dense/kernel"], heaviside.kernel.latent_variable)


def test_float64_is_never_rounded():
    with policy("float64"):
        model = BinaryViT(TINY, input_shape=(32, 64, 3), num_classes=5)
        common.randomise(model)
    with pytest.raises(
        ValueError, match="has float64 numbers that float32 can't hold: save an .h5"
    ):
        packed_bytes(model, WeightsMetadata())


def test_integers_are_no_weights():
    layer = tf.keras.layers.Layer(name="counter")
    layer.add_weight(name="count", shape=(), dtype="int32", trainable=False)
    x = tf.keras.Input((3,))
    with pytest.raises(ValueError, match="expected counter/count to be floats; got int32"):
        packed_bytes(tf.keras.Model(x, layer(x)), WeightsMetadata())


def test_strings_of_all_kinds(model, tmp_path):
    names = ("a\0b", "\ud800", "ß" * 1000, '"', "\n")
    (tmp_path / "x").write_bytes(packed_bytes(model, WeightsMetadata(class_names=names)))
    assert tuple(content(tmp_path / "x")[0]["class_names"]) == names
    assert json.dumps("ß").isascii()  # so the file is
