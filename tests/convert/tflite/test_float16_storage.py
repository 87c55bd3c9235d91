"""Constants of half the size, rounded as numpy rounds them and nothing else."""

import numpy as np
import pytest
from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.lce.interpreter import Interpreter
from larq_bvit.convert.tflite.compact import compact
from larq_bvit.convert.tflite.flatbuffer import count_ops, load
from larq_bvit.convert.tflite.float16_storage import (
    round_to_float16,
    store_as_float16,
    stores_float16,
)
from larq_bvit.convert.tflite.pack import pack
from tests.convert.small import assert_same_bits, lce_module, normal, run_stock, small, stock, tf


@pytest.fixture(scope="module")
def plain() -> bytes:
    return lce_module.lce_tflite(small(features=True))[0]


@pytest.fixture(scope="module")
def narrow(plain) -> bytes:
    return store_as_float16(plain)


def constants(tflite: bytes) -> dict[int, np.ndarray]:
    """{tensor: its values} of all float32 constants."""
    model = load(tflite)
    return {
        i: np.frombuffer(bytes(model.buffers[tensor.buffer].data), np.float32)
        for i, tensor in enumerate(model.subgraphs[0].tensors)
        if tensor.type == schema.TensorType.FLOAT32
        and model.buffers[tensor.buffer].data is not None
    }


def widened(tflite: bytes) -> dict[int, np.ndarray]:
    """{tensor behind a DEQUANTIZE: the float16 values before it}."""
    model = load(tflite)
    graph = model.subgraphs[0]
    found = {}
    for op in graph.operators:
        (source, *_), code = op.inputs, model.operatorCodes[op.opcodeIndex]
        if code.builtinCode == schema.BuiltinOperator.DEQUANTIZE:
            data = bytes(model.buffers[graph.tensors[source].buffer].data)
            found[int(op.outputs[0])] = np.frombuffer(data, np.float16)
    return found


def test_each_constant_is_rounded_once(plain, narrow):
    before, after = constants(plain), widened(narrow)
    large = {i for i, values in before.items() if values.size >= 64}
    # stem and its bias, PReLU, factors and biases of binary layers, the head's kernel
    assert set(after) == large and len(large) >= 6
    for i in large:
        np.testing.assert_array_equal(after[i], before[i].astype(np.float16))
        assert np.any(after[i] != before[i]), "nothing was rounded"
    small_ones = {i: values for i, values in before.items() if i not in large}
    assert small_ones.keys() == constants(narrow).keys()
    for i, values in small_ones.items():
        np.testing.assert_array_equal(constants(narrow)[i], values)


def test_it_computes_as_the_file_with_rounded_constants(plain, narrow):
    """Bit for bit: binary layers read their factors and biases behind a DEQUANTIZE, too."""
    model = load(plain)
    for i in widened(narrow):
        buffer = model.buffers[model.subgraphs[0].tensors[i].buffer]
        values = np.frombuffer(bytes(buffer.data), np.float32)
        buffer.data = np.frombuffer(values.astype("float16").astype("f").tobytes(), np.uint8)
    x = normal(2, 16, 12, 3)
    rounded = pack(model)
    assert_same_bits(narrow, rounded, x)
    one, two = (Interpreter(file).predict(x)[0] for file in (narrow, plain))
    assert 0 < np.abs(one - two).max() < 0.05


KINDS = {  # 64 values that float16 can't take well, or that are not worth it
    "too large": np.linspace(-1, 65520, 64),
    "infinite": np.append(np.linspace(0, 1, 63), np.inf),
    "no numbers": np.append(np.linspace(0, 1, 63), np.nan),
    "too small": np.linspace(0, 2.0**-14, 65)[:-1],
    "few": np.linspace(0, 1, 63),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_stays(kind):
    values = KINDS[kind].astype(np.float32)
    x = normal(1, values.size)
    plain = stock(lambda x: x + values, tf.TensorSpec(x.shape))
    stored = store_as_float16(plain)
    assert not widened(stored) and not stores_float16(stored)
    np.testing.assert_array_equal(run_stock(stored, x), run_stock(plain, x))


@pytest.mark.parametrize("largest", [65504, 2.0**-14])
def test_the_extremes_that_go(largest):
    values = np.linspace(0, largest, 64).astype(np.float32)
    stored = store_as_float16(stock(lambda x: x + values, tf.TensorSpec((64,))))
    assert len(widened(stored)) == 1 and stores_float16(stored)
    (got,) = run_stock(stored, np.zeros(64, np.float32))
    np.testing.assert_array_equal(got, values.astype(np.float16))


def test_the_size_is_halved():
    kernel = normal(64, 512)
    plain = compact(stock(lambda x: tf.nn.relu(x @ kernel), tf.TensorSpec((1, 64))))
    stored = compact(store_as_float16(plain))  # without what it has replaced
    saved = len(plain) - len(stored)
    assert kernel.nbytes / 2 - 1000 < saved <= kernel.nbytes / 2
    assert count_ops(stored)["DEQUANTIZE"] == 1


def test_a_constant_that_two_operators_read_is_widened_once():
    values = normal(64)
    plain = stock(lambda x: [x + values, x * values], tf.TensorSpec((64,)))
    assert count_ops(store_as_float16(plain))["DEQUANTIZE"] == 1


def test_the_rounded_twin_has_the_same_numbers_in_float32(plain, narrow):
    twin = round_to_float16(plain)
    assert not stores_float16(twin) and len(twin) == len(plain)
    for i, values in widened(narrow).items():
        np.testing.assert_array_equal(constants(twin)[i], values.astype(np.float32))
    x = normal(2, *Interpreter(plain).input_shape[1:])
    for one, two in zip(*(Interpreter(f).predict(x) for f in (twin, narrow)), strict=True):
        np.testing.assert_array_equal(one, two)
