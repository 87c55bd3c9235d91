"""Builtin operators as the delegate reads them: names, and shapes that it works out by itself."""

import re

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema

from tests.native.graph_writer import GraphWriter
from tests.native.stock import PLAIN, load

LINE = re.compile(r"larq_bvit: node (\d+) \((\w+)\) -> (\w+) \(([\d, ]*)\)")
RNG = np.random.default_rng(0)


def constant(*shape):
    return tf.constant(RNG.normal(size=shape).astype(np.float32))


IMAGE = (2, 8, 9, 12)
OPERATORS = {
    "ADD": lambda x: x + constant(12),
    "SUB": lambda x: constant(9, 1) - x,
    "MUL": lambda x: x * constant(3, 2, 8, 9, 12)[0],
    "DIV": lambda x: x / (x + 100.0),
    "ADD_N": lambda x: tf.add_n([x, tf.abs(x), tf.tanh(x)]),
    "RELU": tf.nn.relu,
    "RELU6": tf.nn.relu6,
    "RELU_N1_TO_1": lambda x: tf.minimum(1.0, tf.maximum(x, -1.0)),
    "LOGISTIC": tf.sigmoid,
    "TANH": tf.tanh,
    "HARD_SWISH": lambda x: x * tf.nn.relu6(x + 3.0) / 6.0,
    "GELU": lambda x: tf.nn.gelu(x, approximate=False),
    "NEG": tf.negative,
    "ABS": tf.abs,
    "CONCATENATION": lambda x: tf.concat([x, x[:, :, :, :5], tf.tanh(x)], -1),
    "SPLIT": lambda x: tf.split(x, 3, axis=-1)[0],
    "PACK": lambda x: tf.stack([x, tf.tanh(x)], axis=2),
    "UNPACK": lambda x: tf.unstack(x, axis=1)[3],
    "SLICE": lambda x: tf.slice(x, [0, 1, 2, 3], [-1, 4, -1, 5]),
    "STRIDED_SLICE": lambda x: x[:, 6:1:-2, ::3, 4],
    "RESHAPE": lambda x: tf.reshape(x, [2, 72, 3, -1]),
    "TRANSPOSE": lambda x: tf.transpose(x, [0, 3, 1, 2]),
    "REVERSE_V2": lambda x: tf.reverse(x, [1, 2]),
    "PAD": lambda x: tf.pad(x, [[0, 0], [1, 2], [0, 3], [0, 0]]),
    "MEAN": lambda x: tf.reduce_mean(x, [1, 2]),
    "SUM": lambda x: tf.reduce_sum(x, [-1], keepdims=True),
    "AVERAGE_POOL_2D": lambda x: tf.nn.avg_pool2d(x, 3, 2, "SAME"),
    "MAX_POOL_2D": lambda x: tf.nn.max_pool2d(x, (2, 3), (1, 2), "VALID"),
    "CONV_2D": lambda x: tf.nn.conv2d(x, constant(3, 2, 12, 5), (2, 1), "SAME"),
    "DEPTHWISE_CONV_2D": lambda x: tf.nn.depthwise_conv2d(
        x, constant(3, 3, 12, 2), [1, 1, 1, 1], "VALID", dilations=[2, 1]
    ),
    "FULLY_CONNECTED": lambda x: tf.matmul(tf.reshape(x, [-1, 108]), constant(108, 7)),
    "BATCH_MATMUL": lambda x: tf.matmul(x, tf.tanh(x), transpose_b=True),
    "RESIZE_NEAREST_NEIGHBOR": lambda x: tf.image.resize(x, (16, 27), "nearest"),
    "SOFTMAX": tf.nn.softmax,
    "GREATER_EQUAL": lambda x: x >= constant(12),
    "GREATER": lambda x: x > 0.5,
    "SELECT_V2": lambda x: tf.where(x >= 0.0, 1.0, -1.0),
    "CAST": lambda x: tf.cast(x > 0.5, tf.float32),
}


def imported(library, tflite, capfd):
    """{node: (operator, type, shape)} as the delegate tells it."""
    load(library, tflite, exact=1, verbose=2)
    return {
        int(node): (name, kind, tuple(map(int, filter(None, shape.split(", ")))))
        for node, name, kind, shape in LINE.findall(capfd.readouterr().err)
    }


def known(tflite):
    """The same as the runtime has it."""
    stock = tf.lite.Interpreter(model_content=tflite, experimental_op_resolver_type=PLAIN)
    stock.allocate_tensors()
    tensors = {tensor["index"]: tensor for tensor in stock.get_tensor_details()}
    outputs = {node["index"]: tensors[node["outputs"][0]] for node in stock._get_ops_details()}
    return {
        node["index"]: (
            node["op_name"],
            np.dtype(outputs[node["index"]]["dtype"]).name,
            tuple(outputs[node["index"]]["shape"]),
        )
        for node in stock._get_ops_details()
    }


def test_operators(library, capfd):
    """All of them in one graph, each from the input: converting takes longer than all else."""

    @tf.function(input_signature=[tf.TensorSpec(IMAGE, tf.float32)])
    def everything(x):
        return [operator(x) for operator in OPERATORS.values()]

    concrete = everything.get_concrete_function()
    tflite = tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert()
    found, want = imported(library, tflite, capfd), known(tflite)
    assert found == want
    assert {name for name, _, _ in found.values()} == set(OPERATORS)


def one(name, options, shape, out, *constants, first=False):
    """A file of one operator, whose constants come after its input, or before."""
    graph = GraphWriter()
    source, target = graph.tensor(shape), graph.tensor(out)
    rest = [graph.constant(np.asarray(c)) for c in constants]
    graph.builtin(name, [*rest, source] if first else [source, *rest], [target], options)
    return graph.tflite([source], [target])


def ints(*numbers):
    return np.int32(numbers)


def options(name, **fields):
    """The schema's options of an operator."""
    found = getattr(schema, f"{name}OptionsT")()
    for field, value in fields.items():
        setattr(found, field, value)
    return found


SLICE = options("StridedSlice")
CASES = [
    ("PRELU", None, (2, 4, 4, 8), (2, 4, 4, 8), [np.ones((1, 1, 8), np.float32)]),
    ("EXPAND_DIMS", options("ExpandDims"), (2, 3), (2, 3, 1), [np.int32(-1)]),
    ("EXPAND_DIMS", options("ExpandDims"), (2, 3), (1, 2, 3), [np.int64([0])]),
    ("SQUEEZE", options("Squeeze", squeezeDims=[1, -1]), (1, 1, 3, 1), (1, 3), []),
    ("SQUEEZE", options("Squeeze", squeezeDims=[]), (1, 1, 3, 1), (3,), []),
    ("RESHAPE", options("Reshape"), (4, 6), (2, 12), [ints(2, -1)]),
    ("RESHAPE", options("Reshape", newShape=[3, 8]), (4, 6), (3, 8), []),
    ("MEAN", options("Reducer", keepDims=True), (2, 3, 4), (1, 3, 1), [ints(-1, 0, 2)]),
    ("MEAN", options("Reducer"), (2, 3, 4), (2, 4), [np.int32(1)]),
    ("STRIDED_SLICE", SLICE, (9, 7), (4, 3), [ints(-8, 5), ints(100, -7), ints(2, -2)]),
    ("STRIDED_SLICE", SLICE, (9, 7), (3, 7), [ints(6), ints(9), ints(1)]),
    (
        "STRIDED_SLICE",
        options("StridedSlice", beginMask=1, endMask=2, shrinkAxisMask=4),
        (9, 7, 5),
        (4, 5),
        [ints(3, 2, -1), ints(4, 1, 0), ints(1, 1, 1)],
    ),
    ("SLICE", options("Slice"), (9, 7), (2, 4), [ints(1, 3), ints(2, -1)]),
    ("PADV2", options("PadV2"), (2, 3), (5, 3), [np.int32([[1, 2], [0, 0]]), np.float32(7)]),
    ("TRANSPOSE", options("Transpose"), (2, 3, 4), (4, 2, 3), [ints(-1, 0, 1)]),
]


@pytest.mark.parametrize(("name", "fields", "shape", "out", "constants"), CASES)
def test_details(library, capfd, name, fields, shape, out, constants):
    """The file says a wrong shape; the delegate's comes from the input alone."""
    right = one(name, fields, shape, out, *constants)
    ((_, kind, runtime),) = known(right).values()
    assert (kind, runtime) == ("float32", out)
    wrong = one(name, fields, shape, (1,) * len(out), *constants)
    ((found, kind, worked_out),) = imported(library, wrong, capfd).values()
    assert (kind, worked_out) == ("float32", out)
    assert found == name.removesuffix("V2").replace("REVERSE", "REVERSE_V2")


BAD = [
    ("EXPAND_DIMS", options("ExpandDims"), (2, 3), [np.int32(3)], "axis must be in [-3, 3); got 3"),
    ("SQUEEZE", options("Squeeze", squeezeDims=[0]), (2, 3), [], "squeezes a dimension of 2"),
    ("SQUEEZE", options("Squeeze", squeezeDims=[2]), (2, 3), [], "axis must be in [-2, 2); got 2"),
    ("RESHAPE", options("Reshape"), (4, 6), [ints(5, -1)], "has 20 elements, its input 24"),
    ("RESHAPE", options("Reshape"), (4, 6), [ints(-1, -1)], "leaves two sizes open"),
    ("RESHAPE", options("Reshape"), (4, 6), [ints(-24, -1)], "negative or beyond"),
    ("RESHAPE", options("Reshape"), (4, 6), [ints(*[1] * 6, 24)], "rank must be at most 6; got 7"),
    ("RESHAPE", options("Reshape"), (4, 6), [ints(*[1 << 30] * 4)], "negative or beyond"),
    ("MEAN", options("Reducer"), (2, 3), [ints(2)], "axis must be in [-2, 2); got 2"),
    ("TRANSPOSE", options("Transpose"), (2, 3), [ints(0, 0)], "names axis 0 twice"),
    ("TRANSPOSE", options("Transpose"), (2, 3), [ints(0)], "must have 2 numbers; got 1"),
    ("SLICE", options("Slice"), (4,), [ints(2), ints(3)], "slices 2 and 3 more out of 4"),
    ("SLICE", options("Slice"), (4,), [ints(-1), ints(1)], "slices -1 and 1 more out of 4"),
    ("STRIDED_SLICE", SLICE, (4,), [ints(0), ints(2), ints(0)], "a step must not be 0"),
    ("PAD", options("Pad"), (4,), [ints(1, -1)], "paddings 1 and -1 of dimension 0"),
    ("PAD", options("Pad"), (4,), [ints(2**31 - 1, 9)], "paddings 2147483647 and 9"),
    ("PAD", options("Pad"), (4,), [ints(1, 1, 1, 1)], "must have 2 paddings; got 4"),
    ("PAD", options("Pad"), (4,), [np.int64([0, 2**40])], "a number beyond 32 bits"),
    ("SOFTMAX", options("Softmax"), (), [], "must have rank 1 at least"),
    ("ADD", options("Add"), (4, 5), [np.zeros((3, 5), np.float32)], "sizes 4 and 3"),
    ("ADD", options("Add"), (4, 5), [np.zeros((4, 5), np.int8)], "must be float32; got int8"),
    (
        "CONV_2D",
        options("Conv2D", strideH=0),
        (1, 4, 4, 8),
        [np.zeros((8, 1, 1, 8), "f4")],
        "at least 1",
    ),
    ("PRELU", None, (1, 4, 4, 8), [np.zeros((4, 4, 8), "f4")], "one number, or one per channel"),
    ("FULLY_CONNECTED", options("FullyConnected"), (3, 5), [np.zeros((2, 4), "f4")], "do not fit"),
]


@pytest.mark.parametrize(("name", "fields", "shape", "constants", "message"), BAD)
def test_refused(library, capfd, name, fields, shape, constants, message):
    """Left to the runtime, with a reason."""
    tflite = one(name, fields, shape, (1,), *constants)
    load(library, tflite, exact=1, verbose=2)
    told = capfd.readouterr().err
    assert f"node 0 ({name}) is left to the runtime: " in told and message in told
