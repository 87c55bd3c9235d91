"""Verification finds what is wrong and where, and nothing where nothing is."""

import json
import re

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert, layers
from larq_bvit.convert.freezing.rebuild import rebuild
from larq_bvit.convert.tflite.flatbuffer import load
from larq_bvit.convert.tflite.pack import pack
from larq_bvit.zoo import preprocess_input
from tests.convert.models import constant_kernels, images, tiny
from tests.convert.small import SIZE, normal, photographs, small


@pytest.fixture(scope="module")
def nano() -> tuple[tf.keras.Model, bytes]:
    """Of fewer blocks, in two stages of three."""
    plan = {"dims": (64, 64, 128), "depths": (1, 0, 2), "heads": (1, 1, 2)}
    plan |= {"mlp_ratios": (4, 4, 4), "reductions": (4, 2, 1)}
    model = tiny("binaryvit_nano", fields=plan)
    return model, convert.to_tflite(model, verify=False)


def test_a_right_conversion_holds(nano):
    result = convert.verify(*nano, images(4))
    assert result.holds and result.faulty is None and result.images == 4, str(result)
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
    assert result.faulty == "stage3/block2/add", result
    assert result.layers["stage3/block1/add"].relative < 1e-4


def test_lces_wrong_kernels_are_told_from_its_right_ones():
    """The padding fault of small maps, which `to_tflite` would have rewritten."""
    import larq_compute_engine as lce

    x = tf.keras.Input((2, 2, 32), 1)
    model = tf.keras.Model(x, tf.keras.layers.Flatten()(layers.binary_conv(32, 3)(x)))
    tflite = lce.convert_keras_model(constant_kernels(model))
    x = np.random.RandomState(0).standard_normal((3, 2, 2, 32)).astype("float32")
    result = convert.verify(model, tflite, x)
    assert not result.holds
    assert result.edges["default"] == [None] * 3 and result.edges["reference"] == []
    assert result.kernels["reference"].relative < 1e-4 < 0.1 < result.kernels["default"].relative


def test_batches():
    model = small()
    tflite = convert.to_tflite(model, batch_size=2, verify=False)
    result = convert.verify(model, tflite, photographs(4))
    assert result.holds and result.images == 4


@pytest.fixture(scope="module")
def little() -> tuple[tf.keras.Model, bytes]:
    """Two outputs, the second a map."""
    model = small(features=True)
    return model, convert.to_tflite(model, verify=False)


def broken(tflite: bytes, product: str) -> bytes:
    """With eight values changed of the first float constant that a product reads."""
    file = load(tflite)
    graph = file.subgraphs[0]
    tensors = graph.tensors
    read = next(op.inputs for op in graph.operators if tensors[op.outputs[0]].name == product)
    float32 = [tensors[i] for i in read if tensors[i].buffer and tensors[i].type == 0]
    buffer = file.buffers[float32[0].buffer]
    values = np.frombuffer(buffer.data, np.float32).copy()
    values[:8] += 3
    buffer.data = values.view(np.uint8)
    return pack(file)


def test_several_outputs(little):
    model, tflite = little
    result = convert.verify(model, tflite)
    assert (
        result.holds
        and result.images == 2
        and list(result.layers)
        == [
            "block1/add",
            "block2/add",
            "features",
            "scores",
        ]
    )
    swapped = tf.keras.Model(model.inputs, [model.outputs[0], -model.outputs[1]])
    result = convert.verify(swapped, tflite)
    assert not result.holds, "the second output differs"
    assert result.faulty == "tf.math.negative" and result.edges["default"] == [None, None]


@pytest.mark.parametrize(
    ("product", "layer"),
    [
        (b"stem", "block1/add"),
        (b"block1/norm", "block1/add"),
        (b"block2/norm", "block2/add"),
        (b"scores", "scores"),  # after all sums
    ],
)
def test_a_broken_constant_is_found_where_it_is(little, product, layer):
    model, tflite = little
    result = convert.verify(model, broken(tflite, product))
    assert not result.holds and result.faulty == layer
    assert None in result.edges["default"]


def test_pixels_and_normalised_images_are_the_same(little):
    results = [convert.verify(*little, x) for x in (photographs(), preprocess_input(photographs()))]
    assert results[0] == results[1] and results[0].holds


def test_a_normalization_of_ones_own_is_that_of_pixels(little):
    model, tflite = little
    own = convert.Normalization((0.0,), (1.0,))
    one = convert.verify(model, tflite, photographs(), normalization=own)
    two = convert.verify(model, tflite, photographs().astype("float32") / np.float32(255))
    assert one == two != convert.verify(model, tflite, photographs())


def test_a_file_that_takes_pixels():
    model = small()
    tflite = convert.to_tflite(model, include_preprocessing=True, verify=False)
    assert (
        convert.verify(model, tflite).holds and convert.verify(model, tflite, photographs()).holds
    )
    with pytest.raises(ValueError, match="takes pixels: expected uint8 images, 0 to 255; got fl"):
        convert.verify(model, tflite, normal(1, *SIZE, 3))


@pytest.mark.parametrize("type", ["uint8", "int8"])
def test_a_certain_answer_in_8_bits(type):
    """Which holds 255 / 256 at most: a whole step from 1."""
    model = small()
    head = next(layer for layer in model.layers if isinstance(layer, tf.keras.layers.Dense))
    kernel, bias = head.get_weights()
    head.set_weights([kernel, bias + 99 * (np.arange(len(bias)) == 3)])
    tflite = convert.to_tflite(model, output_type=type, verify=False)
    assert convert.verify(model, tflite).holds


@pytest.mark.parametrize("shape", [(0, 16, 12, 3), (3, 16, 12, 3), (2, 12, 16, 3)])
def test_images_that_do_not_fit_are_refused(shape):
    model = small()
    tflite = convert.to_tflite(model, batch_size=2, verify=False)
    with pytest.raises(ValueError, match="images must have shape .multiple of 2, 16, 12, 3."):
        convert.verify(model, tflite, np.zeros(shape, "float32"))


def test_several_inputs_are_refused():
    x = [tf.keras.Input((4, 4, 3)) for _ in range(2)]
    with pytest.raises(ValueError, match="one input to verify; got 2"):
        convert.verify(tf.keras.Model(x, tf.keras.layers.Add()(x)), b"", images(1))
