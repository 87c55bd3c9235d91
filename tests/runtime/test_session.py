"""What a session refuses before and after the runtime sees a file."""

import pytest

from larq_bvit.runtime.backend import backend
from larq_bvit.runtime.session import Session, read_model
from tests.convert.small import stock
from tests.delegate import needs_delegate


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes(kind):
    content = b"\x1c\0\0\0TFL3 and more"
    assert read_model(kind(content)) == content
    assert type(read_model(kind(content))) is bytes
    with pytest.raises(
        ValueError, match=r"^expected a .tflite \(identifier TFL3\); got bytes b'XX'"
    ):
        read_model(kind(b"XX"))


def test_paths(tmp_path):
    path = tmp_path / "x.tflite"
    path.write_bytes(b"\x1c\0\0\0TFL3")
    assert read_model(path) == read_model(str(path)) == path.read_bytes()
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="^.*x.tflite: expected a .tflite .*; got bytes b''"):
        read_model(path)


@needs_delegate
def test_a_stock_model_and_its_several_inputs():
    import numpy as np
    import tensorflow as tf

    from larq_bvit.runtime import Interpreter

    a, b = (tf.TensorSpec((2, 3), tf.float32, name) for name in "ab")
    tflite = stock(lambda a, b: a * b, a, b)
    interpreter = Interpreter(tflite)
    assert [x.shape for x in interpreter.signature.inputs] == [(2, 3), (2, 3)]
    with pytest.raises(ValueError, match="expected a model of one input; got 2"):
        interpreter.predict(np.zeros((2, 3), np.float32))
    one = Interpreter(stock(lambda a: tf.nn.relu(a) + 1, a))
    x = np.float32([[-1, 0, 1], [2, -3, 4], [5, 6, -7]])
    np.testing.assert_array_equal(one.predict(x), np.maximum(x, 0) + 1)
    with pytest.raises(ValueError, match="expected a model of one input; got 0"):
        Interpreter(stock(lambda: tf.range(3.0))).predict(x)


@needs_delegate
def test_an_unknown_option():
    with pytest.raises(ValueError, match="unknown option 'colour'"):
        Session(b"", backend(), {"colour": "1"}, threads=1, plain=False)
