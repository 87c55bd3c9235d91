"""Fewer bytes, the same bits."""

from copy import copy

import numpy as np
import pytest

from larq_bvit.convert.tflite.compact import compact
from larq_bvit.convert.tflite.flatbuffer import load
from larq_bvit.convert.tflite.pack import pack
from tests.convert.small import (
    assert_same_bits,
    normal,
    raw_lce,
    run_stock,
    small,
    stock,
    tf,
)


@pytest.fixture(scope="module")
def raw() -> bytes:
    """Two outputs."""
    return raw_lce(small(features=True))


@pytest.fixture(scope="module")
def compacted(raw) -> bytes:
    return compact(raw)


def test_it_computes_the_same_bits(raw, compacted):
    assert len(compacted) < len(raw)
    assert_same_bits(compacted, raw, normal(2, 16, 12, 3))


def test_twice_is_once(compacted):
    assert compact(compacted) == compacted


def test_every_tensor_is_used_and_every_constant_is_stored_once(raw, compacted):
    model = load(compacted)
    (graph,) = model.subgraphs
    used = {int(i) for op in graph.operators for i in [*op.inputs, *op.outputs]} - {-1}
    assert used == set(range(len(graph.tensors)))
    assert model.buffers[0].data is None
    computed = {int(i) for op in graph.operators for i in op.outputs} | set(graph.inputs.tolist())
    assert {i for i, t in enumerate(graph.tensors) if t.buffer == 0} == computed
    constants = [bytes(buffer.data) for buffer in model.buffers[1:]]
    assert len(set(constants)) == len(constants)
    assert not any(tensor.quantization for tensor in graph.tensors)
    assert any(tensor.quantization for tensor in load(raw).subgraphs[0].tensors)


def with_unused_tensor(tflite: bytes) -> bytes:
    """The same file with one more tensor before all others."""
    model = load(tflite)
    (graph,) = model.subgraphs
    graph.tensors.insert(0, copy(graph.tensors[0]))
    graph.inputs, graph.outputs = graph.inputs + 1, graph.outputs + 1
    for op in graph.operators:
        op.inputs = op.inputs + (op.inputs >= 0)  # -1: left out
        op.outputs = op.outputs + 1
    for entry in [*model.signatureDefs[0].inputs, *model.signatureDefs[0].outputs]:
        entry.tensorIndex += 1
    return pack(model)


def test_signatures_point_at_the_same_tensors():
    def compute(a, b):
        y = tf.nn.relu(a) @ tf.constant(normal(4, 4))
        return {"second": y + b, "first": y}

    spec = tf.TensorSpec((2, 4))
    function = tf.function(compute, input_signature=[spec, spec], autograph=False)
    module = tf.Module()
    module.compute = function
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [function.get_concrete_function()], module
    )
    a, b = normal(2, 4), normal(2, 4, seed=8)
    file = with_unused_tensor(converter.convert())
    small_file = compact(file)
    assert len(small_file) < len(file)
    got, expected = (
        tf.lite.Interpreter(model_content=f).get_signature_runner()(a=a, b=b)
        for f in (small_file, file)
    )
    assert set(got) == {"first", "second"}
    for name, value in expected.items():
        np.testing.assert_array_equal(got[name], value)


def test_several_subgraphs():
    """The condition and the body of a loop are subgraphs of their own."""
    weights = normal(4, 4)

    def loop(x):
        step = lambda i, x: (i + 1, tf.tanh(x @ weights))  # noqa: E731
        return tf.while_loop(lambda i, x: i < 3, step, (tf.constant(0), x))[1]

    file = stock(loop, tf.TensorSpec((2, 4)))
    assert len(load(file).subgraphs) == 3
    (got,), (expected,) = (run_stock(f, normal(2, 4)) for f in (compact(file), file))
    np.testing.assert_array_equal(got, expected)
