"""Reading a .tflite's operators."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.convert import count_ops
from larq_bvit.convert.tflite.flatbuffer import load, read


def test_counts_the_operators_of_a_stock_tflite():
    x = tf.keras.Input((4, 4, 3), 1)
    y = tf.keras.layers.Conv2D(2, 1)(tf.keras.layers.MaxPooling2D(2)(x))
    model = tf.keras.Model(x, tf.keras.layers.Softmax()(y))
    tflite = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    assert count_ops(tflite) == {"MAX_POOL_2D": 1, "CONV_2D": 1, "SOFTMAX": 1}


def test_other_bytes_are_refused():
    with pytest.raises(ValueError, match=r"expected a \.tflite .* got bytes b'not a tf'"):
        count_ops(b"not a tflite")


def test_tensors_nodes_and_constants():
    kernel = np.arange(12, dtype=np.float32).reshape(4, 3)

    @tf.function(input_signature=[tf.TensorSpec((2, 4), name="x")], autograph=False)
    def function(x):
        return tf.nn.relu(tf.matmul(x, kernel))

    concrete = [function.get_concrete_function()]
    tflite = tf.lite.TFLiteConverter.from_concrete_functions(concrete, function).convert()
    graph = read(tflite)
    (node,) = graph.nodes
    assert node.operator == "FULLY_CONNECTED" and node.options == b""
    assert node.outputs == graph.outputs and node.inputs[0] == graph.inputs[0]
    x, weights = (graph.tensors[index] for index in node.inputs[:2])
    assert (x.name, x.shape, x.bytes) == ("x", [2, 4], 32)
    assert weights.shape == [3, 4] and graph.constant_bytes(node.inputs[1]) == 48
    assert graph.buffers[weights.buffer] == kernel.T.tobytes()
    assert graph.constant_bytes(node.inputs[0]) == 0
    assert -1 not in node.inputs, "what is left out is no tensor"


def test_a_damaged_file_is_refused():
    x = tf.keras.Input((4,), 1)
    model = tf.keras.Model(x, tf.keras.layers.Dense(2)(x))
    tflite = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    for reading in (read, load, count_ops):
        with pytest.raises(ValueError, match=r"this \.tflite is damaged: "):
            reading(tflite[:100])
