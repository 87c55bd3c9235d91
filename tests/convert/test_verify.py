"""Verification finds what is wrong and where, and nothing where nothing is."""

import json
import re

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert, layers
from larq_bvit.convert.rebuild import rebuild
from tests.convert.models import constant_kernels, images, tiny


@pytest.fixture(scope="module")
def nano() -> tuple[tf.keras.Model, bytes]:
    model = tiny("binaryvit_nano")
    return model, convert.to_tflite(model)


def test_a_right_conversion_holds(nano):
    result = convert.verify(*nano, images(4))
    assert result.holds and result.diverges is None and result.images == 4, str(result)
    assert set(result.kernels) == {"default", "reference", "indirect"}
    assert "stage3/block2/add" in result.layers and len(result.layers) > 20
    assert json.loads(json.dumps(result.as_dict()))["holds"] is True


def test_layers_come_in_order_of_execution(nano):
    names = list(convert.verify(*nano, images(1)).layers)
    blocks = [name for name in names if re.fullmatch(r"stage\d/block\d/add", name)]
    assert blocks == sorted(blocks) and blocks[0] == "stage1/block1/add"


def test_another_models_weights_are_found_where_they_start(nano):
    """One block's affine differs between the model and the .tflite: divergence starts there."""
    model, tflite = nano
    other = rebuild(model, {})
    layer = other.get_layer("stage3/block2/mlp/affine")
    layer.set_weights([weight + 0.5 for weight in layer.get_weights()])
    result = convert.verify(other, tflite, images(2))
    assert not result.holds
    assert result.diverges == "stage3/block2/add", result
    assert result.layers["stage3/block1/add"] < 1e-4


def test_lces_wrong_kernels_are_told_from_its_right_ones():
    """The padding fault of small maps, which `to_tflite` would have rewritten."""
    import larq_compute_engine as lce

    x = tf.keras.Input((2, 2, 32), 1)
    model = tf.keras.Model(x, tf.keras.layers.Flatten()(layers.binary_conv(32, 3)(x)))
    tflite = lce.convert_keras_model(constant_kernels(model))
    x = np.random.RandomState(0).standard_normal((3, 2, 2, 32)).astype("float32")
    result = convert.verify(model, tflite, x)
    assert not result.holds
    assert result.kernels["reference"].relative < 1e-4 < 0.1 < result.kernels["default"].relative


def test_batches(nano):
    model, _ = nano
    tflite = convert.to_tflite(model, batch_size=2)
    assert convert.verify(model, tflite, images(4)).holds
    with pytest.raises(ValueError, match="multiple of 2"):
        convert.verify(model, tflite, images(3))


def test_several_outputs_are_refused():
    model = tiny("binaryvit_nano", features_only=True)
    with pytest.raises(ValueError, match="one output; got 4"):
        convert.verify(model, b"", images(1))
