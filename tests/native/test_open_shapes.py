"""A model that the runtime loads must load with the delegate, and sizes may be left open."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.convert.tflite import flatbuffer
from larq_bvit.convert.tflite.pack import pack
from tests.native.fused import left_to_runtime
from tests.native.layer_graphs import Layers
from tests.native.lce_graphs import VALID
from tests.native.stock import PLAIN, load, run


def pool_of_one_pixel() -> bytes:
    """A window of 2 x 2 that fits no map of 1 x 1: what is there is an empty map."""
    layers = Layers()
    return layers.tflite(layers.pool("MAX", layers.input(1, 1, 1, 32), 2, 1, VALID))


def with_open_sides(tflite: bytes) -> bytes:
    """Height and width are left to whoever runs it."""
    file = flatbuffer.load(tflite)
    for tensor in file.subgraphs[0].tensors:
        tensor.shapeSignature = [1, -1, -1, 32]
    return pack(file)


def runtime(tflite: bytes) -> tf.lite.Interpreter:
    return tf.lite.Interpreter(model_content=tflite, experimental_op_resolver_type=PLAIN)


def test_what_does_not_fit_loads_as_without(library):
    tflite = pool_of_one_pixel()
    inputs = np.zeros((1, 1, 1, 32), np.float32)
    (want,) = run(runtime(tflite), inputs)
    (got,) = run(load(library, tflite), inputs)
    assert got.shape == want.shape


@pytest.mark.parametrize("size", [(7, 5), (2, 2)])
def test_open_sides_are_claimed(library, size):
    tflite = with_open_sides(pool_of_one_pixel())
    assert left_to_runtime(library, tflite) == []
    inputs = np.random.default_rng(0).normal(size=(1, *size, 32)).astype(np.float32)
    (want,) = run(runtime(tflite), inputs)
    (got,) = run(load(library, tflite), inputs)
    np.testing.assert_array_equal(got, want)
