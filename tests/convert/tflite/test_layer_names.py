"""Tensors named after layers."""

import numpy as np
import pytest
from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.tflite.flatbuffer import load, read
from larq_bvit.convert.tflite.layer_names import name_by_layer
from larq_bvit.convert.tflite.pack import pack
from tests.convert.small import L, lce_module, small, tf


@pytest.fixture(scope="module")
def named() -> list[tuple[str, str]]:
    """(operator, name of its output) of the small model."""
    return names(lce_module.lce_tflite(small(features=True))[0])


def names(tflite: bytes) -> list[tuple[str, str]]:
    graph = read(tflite)
    return [(node.operator, graph.tensors[node.outputs[0]].name) for node in graph.nodes]


def test_names_are_the_ends_and_the_paths_of_products_and_sums(named):
    assert [pair for pair in named if pair[1]] == [
        ("CONV_2D", "stem"),
        ("LceBconv2d", "block1/norm"),  # which is fused into it
        ("ADD", "block1/add"),
        ("LceBconv2d", "block2/norm"),
        ("ADD", "block2/add"),
        ("ADD", "features"),  # an output, of a shift and a ReLU
        ("FULLY_CONNECTED", "scores"),
        ("SOFTMAX", "scores"),
    ]
    assert ("ADD", "") in named, "the shift before a sign is no sum of maps"


def test_a_name_that_was_cut_is_not_taken_for_another_layers():
    """Without its last part it would be the first sum's."""
    x = L.Input((6, 6, 3))
    y = L.Add(name="stage1/block1/attention")([x, L.Conv2D(3, 1)(x)])
    long = "stage1/block1/attention/a_rather_long_name_of_a_layer/add"
    z = L.Add(name=long)([L.MaxPooling2D(1)(y), L.Conv2D(3, 3, padding="same")(y)])
    tflite, _ = lce_module.lce_tflite(tf.keras.Model(x, L.Conv2D(2, 1)(z)))
    first, second = (name for operator, name in names(tflite) if operator == "ADD")
    assert first == "stage1/block1/attention"
    assert len(second) > len(first) and long.startswith(second)


def test_an_input_that_is_left_out_is_no_constant():
    """-1 stands for no bias; the last tensor happens to be a constant."""
    graph = schema.SubGraphT()
    graph.tensors = [schema.TensorT() for _ in range(5)]
    for i, tensor in enumerate(graph.tensors):
        tensor.name, tensor.shape = b"net/path%d/op" % i, np.array([2, 2], np.int32)
    graph.tensors[4].buffer = 1
    graph.inputs, graph.outputs = np.array([0, 1], np.int32), np.array([3], np.int32)
    model = schema.ModelT()
    model.version, model.subgraphs, model.operatorCodes = 3, [graph], []
    model.buffers = [schema.BufferT(), schema.BufferT()]
    model.buffers[1].data = np.zeros(16, np.uint8)
    graph.operators = [
        operator(model, schema.BuiltinOperator.FULLY_CONNECTED, [0, 1, -1], 2),
        operator(model, schema.BuiltinOperator.FULLY_CONNECTED, [2, 4, -1], 3),
    ]
    graph.outputs = np.zeros(0, np.int32)
    after = load(name_by_layer(pack(model))).subgraphs[0]
    expected = [b"net/path0/op", b"net/path1/op", None, b"path3", None]
    assert [tensor.name for tensor in after.tensors] == expected


def operator(model, builtin: int, inputs: list[int], output: int) -> schema.OperatorT:
    code, op = schema.OperatorCodeT(), schema.OperatorT()
    code.builtinCode = code.deprecatedBuiltinCode = builtin
    model.operatorCodes.append(code)
    op.opcodeIndex = len(model.operatorCodes) - 1
    op.inputs, op.outputs = np.array(inputs, np.int32), np.array([output], np.int32)
    return op
