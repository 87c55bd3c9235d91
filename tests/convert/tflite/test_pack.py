"""What is packed is what was loaded, in its place and not twice."""

import flatbuffers
import numpy as np
import pytest
from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.tflite.flatbuffer import load
from larq_bvit.convert.tflite.pack import pack
from tests.convert.small import L, assert_same_bits, normal, raw_lce, small, stock, tf


def content(value):
    """The schema's objects as plain values that can be compared."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list):
        return [content(item) for item in value]
    if isinstance(value, schema.BufferT):
        return b"" if value.data is None else bytes(value.data)
    if hasattr(value, "__dict__"):
        return {name: content(item) for name, item in vars(value).items()}
    return value


def starts(tflite: bytes) -> list[int]:
    """Where the constants begin in the file."""
    model = schema.Model.GetRootAs(tflite, 0)
    buffers = [model.Buffers(i) for i in range(model.BuffersLength())]
    tables = [buffer._tab for buffer in buffers if buffer.DataLength()]
    return [table.Vector(table.Offset(4)) for table in tables]


def by_hand(*constants: bytes, tensors: int = 0) -> schema.ModelT:
    """A model of some buffers and of equal tensors (1, 2, 3)."""
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.version, model.operatorCodes, model.subgraphs = 3, [], [graph]
    model.buffers = [schema.BufferT() for _ in (b"", *constants)]
    for buffer, constant in zip(model.buffers[1:], constants, strict=True):
        buffer.data = np.frombuffer(constant, np.uint8)
    graph.tensors, graph.operators = [schema.TensorT() for _ in range(tensors)], []
    graph.inputs = graph.outputs = np.zeros(0, np.int32)
    for tensor in graph.tensors:
        tensor.shape = np.array([1, 2, 3], np.int32)
    return model


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    x = L.Input((8, 8, 3), 1)
    y = L.Dense(5)(L.GlobalAveragePooling2D()(L.Conv2D(7, 3, activation="relu6")(x)))
    keras = tf.keras.Model(x, [y, L.Softmax()(y)])
    return {
        "lce": raw_lce(small()),
        "stock": tf.lite.TFLiteConverter.from_keras_model(keras).convert(),
        "loop": stock(
            lambda x: tf.while_loop(
                lambda i, x: i < 3, lambda i, x: (i + 1, x * 2.0), (tf.constant(0), x)
            )[1],
            tf.TensorSpec((4,)),
        ),
    }


@pytest.mark.parametrize("name", ["lce", "stock", "loop"])
def test_nothing_is_lost(files, name):
    model = load(files[name])
    assert content(load(pack(model))) == content(model)
    assert (len(model.subgraphs) > 1) == (name == "loop")


def test_the_model_itself_stays_as_it_was(files):
    model = load(files["lce"])
    before, buffers = content(model), list(model.buffers)
    assert pack(model) == pack(model)
    assert content(model) == before
    assert all(one is two for one, two in zip(model.buffers, buffers, strict=True))
    assert isinstance(model.subgraphs[0].tensors[0], schema.TensorT)


def test_constants_start_at_multiples_of_16(files):
    model = by_hand(b"a", b"bcd", b"e" * 17, b"f" * 16)
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    assert any(start % 16 for start in starts(bytes(builder.Output()))), "the schema's own code"
    for tflite in (pack(model), pack(load(files["lce"])), pack(load(files["stock"]))):
        assert len(starts(tflite)) >= 4
        assert not any(start % 16 for start in starts(tflite))
    assert [bytes(buffer.data) for buffer in load(pack(model)).buffers[1:]] == [
        b"a",
        b"bcd",
        b"e" * 17,
        b"f" * 16,
    ]


def test_equal_tensors_take_four_bytes_each():
    """Their place in the list."""
    few, many = (len(pack(by_hand(tensors=count))) for count in (1000, 2000))
    assert many - few == 4 * 1000


def test_tensors_that_differ_share_their_shape():
    model = by_hand(tensors=3)
    for tensor, name in zip(model.subgraphs[0].tensors, (b"a", b"b", b"c"), strict=True):
        tensor.name = name
    tflite = pack(model)
    assert [tensor.name for tensor in load(tflite).subgraphs[0].tensors] == [b"a", b"b", b"c"]
    graph = schema.Model.GetRootAs(tflite, 0).Subgraphs(0)
    tables = [graph.Tensors(i)._tab for i in range(3)]
    assert len({table.Vector(table.Offset(4)) for table in tables}) == 1


def test_equal_bytes_of_different_types_stay_apart():
    """A shape (1, 0) in int32 has the bytes of the zero point [1] in int64."""
    model = by_hand(tensors=1)
    tensor = model.subgraphs[0].tensors[0]
    tensor.shape = np.array([1, 0], np.int32)
    tensor.quantization = schema.QuantizationParametersT()
    tensor.quantization.scale = np.array([0.5], np.float32)
    tensor.quantization.zeroPoint = np.array([1], np.int64)
    back = load(pack(model)).subgraphs[0].tensors[0]
    assert back.shape.tolist() == [1, 0] and back.quantization.zeroPoint.tolist() == [1]


def test_it_computes_the_same_bits(files):
    assert_same_bits(pack(load(files["lce"])), files["lce"], normal(2, 16, 12, 3))
