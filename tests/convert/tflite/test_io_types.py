"""Eight bits at the ends, by TensorFlow Lite's own arithmetic."""

import numpy as np
import pytest

from larq_bvit.convert.lce.interpreter import Interpreter
from larq_bvit.convert.tflite.flatbuffer import count_ops, load
from larq_bvit.convert.tflite.io_types import (
    TensorFormat,
    read_format,
    store_input_as,
    store_output_as,
)
from tests.convert.small import normal, run_stock, stock, tf

TYPES = ["int8", "uint8"]
LOWEST = {"int8": -128, "uint8": 0}
RANGES = [(0.0, 255.0), (-2.1179, 2.64), (0, 255 / 256), (-3.0, 0.0)]


@pytest.fixture(scope="module")
def plain() -> bytes:
    """0.7 x, and |x|: operators that every kernel computes alike."""
    return stock(lambda x: [x * 0.7, tf.abs(x)], tf.TensorSpec((4, 256), name="x"))


def interpret(tflite: bytes, x: np.ndarray, engine: str) -> list[np.ndarray]:
    return run_stock(tflite, x) if engine == "stock" else Interpreter(tflite).predict(x)


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize(("low", "high"), RANGES)
def test_covering_stores_a_range_to_half_a_step(type, low, high):
    format = TensorFormat.covering(type, low, high)
    real = np.linspace(low, high, 10_001)
    stored = format.store(real)
    assert stored.dtype == type and stored[0] == LOWEST[type]
    assert stored[-1] == LOWEST[type] + 255
    # zero is stored exactly, for which the range moves by up to half a step
    error = np.abs(format.real(stored) - real)
    inside = (real > low + format.scale) & (real < high - format.scale)
    assert error[inside].max() <= 0.5001 * format.scale and error.max() <= 1.0001 * format.scale
    assert format.real(format.store(np.zeros(1))) == [0]
    every = np.arange(256) + LOWEST[type]
    np.testing.assert_array_equal(format.store(format.real(every.astype(type))), every)


@pytest.mark.parametrize("type", TYPES)
def test_what_is_beyond_the_range_is_clipped(type):
    stored = TensorFormat.covering(type, -1, 1).store(np.array([-9.0, 9.0]))
    assert stored.tolist() == [LOWEST[type], LOWEST[type] + 255]


def test_pixels_are_stored_as_they_are():
    pixels = np.arange(256, dtype=np.uint8)
    assert TensorFormat.covering("uint8", 0, 255) == TensorFormat("uint8", 1.0, 0)
    np.testing.assert_array_equal(TensorFormat("uint8").store(pixels), pixels)
    signed = TensorFormat.covering("int8", 0, 255).store(pixels)
    np.testing.assert_array_equal(signed, pixels.astype(int) - 128)


def test_floats_are_left_alone(plain):
    format = TensorFormat.covering("float32", 0, 1)
    x = normal(2, 3)
    assert format == TensorFormat()
    assert format.store(x) is x and format.real(x) is x
    assert store_input_as(plain, format) is plain and store_output_as(plain, format) is plain
    assert read_format(plain, "input") == read_format(plain, "output") == format


@pytest.mark.parametrize(
    ("engine", "scale", "exact"),
    [("stock", 0.02, True), ("stock", 1, True), ("lce", 0.02, False), ("lce", 1, True)],
)
@pytest.mark.parametrize("type", TYPES)
def test_an_input_is_read_as_format_reads_it(plain, type, engine, scale, exact):
    """All 256 numbers, against the float file on `real`."""
    tflite = store_input_as(plain, TensorFormat(type, scale, 3))
    format = read_format(tflite, "input")
    assert (format.type, format.zero_point) == (type, 3)
    assert format.scale == np.float32(scale)
    stored = (np.arange(1024).reshape(4, 256) % 256 + LOWEST[type]).astype(type)
    assert count_ops(tflite) - count_ops(plain) == {"DEQUANTIZE": 1}
    got = interpret(tflite, stored, engine)
    for one, two in zip(got, interpret(plain, format.real(stored), engine), strict=True):
        # LCE's own dequantization rounds scale * zero_point
        np.testing.assert_allclose(one, two, rtol=0, atol=0 if exact else 3e-7 * two.max())


@pytest.mark.parametrize("engine", ["stock", "lce"])
@pytest.mark.parametrize("type", TYPES)
def test_an_output_is_stored_as_format_stores_it(plain, type, engine):
    tflite = store_output_as(plain, TensorFormat.covering(type, -0.5, 1.2))
    format, x = read_format(tflite, "output"), normal(4, 256)
    (got, other), (real, same) = (interpret(file, x, engine) for file in (tflite, plain))
    assert got.dtype == type and len(np.unique(got)) > 100
    assert real.min() < -0.5 and real.max() > 1.2, "nothing is clipped"
    np.testing.assert_array_equal(got, format.store(real))
    inside = (real >= -0.5) & (real <= 1.2)
    assert np.abs(format.real(got) - real)[inside].max() <= 0.501 * format.scale
    np.testing.assert_array_equal(other, same)


def test_names_and_signatures_move_to_the_new_ends():
    def compute(image):
        return {"scores": tf.tanh(image)}

    function = tf.function(compute, input_signature=[tf.TensorSpec((1, 4))], autograph=False)
    module = tf.Module()
    module.compute = function
    concrete = [function.get_concrete_function()]
    tflite = tf.lite.TFLiteConverter.from_concrete_functions(concrete, module).convert()
    names = ends(tflite)
    unit = TensorFormat.covering("int8", -1, 1)
    tflite = store_output_as(store_input_as(tflite, unit), unit)
    assert ends(tflite) == names
    runner = tf.lite.Interpreter(model_content=tflite).get_signature_runner()
    stored = np.array([[-128, -50, 0, 127]], np.int8)
    (scores,) = runner(image=stored).values()
    assert scores.dtype == np.int8
    np.testing.assert_array_equal(scores, unit.store(np.tanh(unit.real(stored))))


def ends(tflite: bytes) -> list[bytes]:
    graph = load(tflite).subgraphs[0]
    return [graph.tensors[i].name for i in [*graph.inputs, *graph.outputs]]


def test_other_types_are_refused():
    tflite = stock(lambda x: x + 1, tf.TensorSpec((2,), tf.int32))
    with pytest.raises(ValueError, match="expected an input of type float32, int8, uint8; got"):
        read_format(tflite, "input")
