"""A model that the runtime loads must load with the delegate; sizes may be open or changed."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.convert.tflite import flatbuffer
from larq_bvit.convert.tflite.pack import pack
from tests.native.fused import left_to_runtime
from tests.native.layer_graphs import Layers, options
from tests.native.lce_graphs import SAME, VALID
from tests.native.stock import PLAIN, load, run


def pool_of_one_pixel() -> bytes:
    """A window of 2 x 2 that fits no map of 1 x 1: what is there is an empty map."""
    layers = Layers()
    return layers.tflite(layers.pool("MAX", layers.input(1, 1, 1, 32), 2, 1, VALID))


def with_open(tflite: bytes, *dimensions: int) -> bytes:
    """These dimensions of maps are left to whoever runs it."""
    file = flatbuffer.load(tflite)
    for tensor in file.subgraphs[0].tensors:
        if len(tensor.shape) == 4:
            sizes = enumerate(tensor.shape)
            tensor.shapeSignature = [-1 if i in dimensions else int(n) for i, n in sizes]
    return pack(file)


def runtime(tflite: bytes) -> tf.lite.Interpreter:
    return tf.lite.Interpreter(model_content=tflite, experimental_op_resolver_type=PLAIN)


@pytest.mark.parametrize("dimensions", [(), (0,)])
def test_what_does_not_fit_loads_as_without(library, dimensions):
    """Also where the batch is open, as Keras' models have it."""
    tflite = with_open(pool_of_one_pixel(), *dimensions)
    inputs = np.zeros((1, 1, 1, 32), np.float32)
    (want,) = run(runtime(tflite), inputs)
    (got,) = run(load(library, tflite), inputs)
    assert got.shape == want.shape


@pytest.mark.parametrize("size", [(7, 5), (2, 2)])
def test_open_sides_are_claimed(library, size):
    tflite = with_open(pool_of_one_pixel(), 1, 2)
    assert left_to_runtime(library, tflite) == []
    inputs = np.random.default_rng(0).normal(size=(1, *size, 32)).astype(np.float32)
    (want,) = run(runtime(tflite), inputs)
    (got,) = run(load(library, tflite), inputs)
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("size", [(50, 40), (32, 32), (3, 100), (1, 1)])
def test_resizing_from_open_sides(library, isa, size):
    """What the file says stands for any size: none that the resizing divides."""
    layers = Layers(1)
    x, fields = layers.input(1, 1, 1, 3), options("ResizeNearestNeighbor")
    y = layers.node("RESIZE_NEAREST_NEIGHBOR", [x, np.int32([32, 32])], (1, 32, 32, 3), fields)
    tflite = with_open(layers.tflite(layers.conv(y, 8, 3, 2)), 1, 2)
    assert left_to_runtime(library, tflite) == []
    inputs = np.random.default_rng(1).normal(size=(1, *size, 3)).astype(np.float32)
    (want,) = run(runtime(tflite), inputs)
    (got,) = run(load(library, tflite, isa=isa), inputs)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


def test_no_images(library, isa):
    """As a detector's second part gets them where the first one has found nothing."""
    layers = Layers(3)
    tflite = layers.tflite(layers.same_shape("RELU", layers.conv(layers.input(1, 6, 6, 8), 8, 3)))
    assert left_to_runtime(library, tflite) == []
    interpreters = runtime(tflite), load(library, tflite, isa=isa)
    for images in (0, 2, 0):  # and back
        inputs = np.random.default_rng(3).normal(size=(images, 6, 6, 8)).astype(np.float32)
        (want,), (got,) = (run(interpreter, inputs) for interpreter in interpreters)
        assert got.shape == want.shape and len(got) == images
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 600, 600, 3), (2, 257, 263, 3), (1, 2, 40000, 3)])
@pytest.mark.parametrize("name", ["MEAN", "SUM", "REDUCE_MAX"])
def test_reductions_of_large_maps(library, isa, name, shape):
    """The file has a small one. Of whole numbers: sums of others depend on the order."""
    layers = Layers(2)
    x = layers.same_shape("RELU", layers.input(1, 32, 32, 3))
    tflite = layers.tflite(layers.node(name, [x, np.int32([1, 2])], (1, 3), options("Reducer")))
    assert left_to_runtime(library, tflite) == []
    inputs = np.random.default_rng(2).integers(-8, 9, size=shape).astype(np.float32)
    (want,) = run(runtime(tflite), inputs)
    (got,) = run(load(library, tflite, isa=isa), inputs)
    np.testing.assert_allclose(got, want, rtol=1e-6)


def test_constants_along_a_side_of_one(library):
    """A bias of each row of a map of one column, which may get more columns."""
    layers = Layers(3)
    y = layers.add(layers.input(1, 6, 1, 32), layers.normal(1, 6, 1, 32))
    tflite = layers.tflite(layers.prelu(y))
    inputs = np.random.default_rng(3).normal(size=(1, 6, 5, 32)).astype(np.float32)
    (want,) = run(runtime(tflite), inputs)
    (got,) = run(load(library, tflite), inputs)
    np.testing.assert_allclose(got, want, rtol=1e-6)


def test_wide_average_that_pads_at_other_sizes(library):
    layers = Layers(4)
    x = layers.prelu(layers.input(1, 36, 36, 32))
    tflite = layers.tflite(layers.prelu(layers.pool("AVERAGE", x, 12, 12, SAME)))
    inputs = np.random.default_rng(4).normal(size=(1, 40, 40, 32)).astype(np.float32)
    (want,) = run(runtime(tflite), inputs)
    (got,) = run(load(library, tflite), inputs)
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


def test_limits_are_named(library):
    """Where a size is beyond any model's."""
    layers = Layers(5)
    interpreter = load(library, layers.tflite(layers.conv(layers.input(1, 64, 64, 1), 1, 5)))
    (details,) = interpreter.get_input_details()
    interpreter.resize_tensor_input(details["index"], (1, 4096, 4096, 1))
    with pytest.raises(RuntimeError, match=r"CONV_2D \(node 0\) has no .*form.*: .*2\^28 places"):
        interpreter.allocate_tensors()
