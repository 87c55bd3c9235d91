"""TensorFlow Lite files of full-precision models, in float32 and in 8 bits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.freezing.freeze import freeze
from larq_bvit.convert.tflite.flatbuffer import root

# what integer arithmetic needs: values and weights, biases and shapes
_INTEGERS = {schema.TensorType.INT8, schema.TensorType.INT32, schema.TensorType.INT64}
_TYPES = {code: name for name, code in vars(schema.TensorType).items() if isinstance(code, int)}


def float_tflite(model: tf.keras.Model) -> bytes:
    """In float32, batch 1, by TensorFlow's own converter, of the frozen model as ours is."""
    return _converter(model).convert()


def integer_tflite(model: tf.keras.Model, images: np.ndarray) -> bytes:
    """Weights and activations in 8 bits, inputs and outputs too; nothing is float.

    Arguments:
        model: a Keras model.
        images: (N, H, W, C), from which the range of each activation is taken.

    Raises:
        ValueError: something stayed float.
    """

    def samples() -> Iterator[list[np.ndarray]]:
        for image in images:
            yield [image[None]]

    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    tflite = converter.convert()
    check_integer(tflite)
    return tflite


def dynamic_tflite(model: tf.keras.Model) -> bytes:
    """Weights in 8 bits; the runtime rounds the activations of each product to 8 bits as well.

    What is no product stays float32: the fastest 8-bit form of transformers in XNNPACK.
    """
    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return converter.convert()


def check_integer(tflite: bytes) -> None:
    """Raises a ValueError that names the tensors which are not integers."""
    graph = root(tflite).Subgraphs(0)
    tensors = [graph.Tensors(i) for i in range(graph.TensorsLength())]
    floats = [
        f"{tensor.Name().decode()} ({_TYPES.get(tensor.Type(), tensor.Type())})"
        for tensor in tensors
        if tensor.Type() not in _INTEGERS
    ]
    if floats:
        raise ValueError(
            f"expected integers only; got {len(floats)} other tensors: {', '.join(floats[:5])}"
        )


def _converter(model: tf.keras.Model) -> tf.lite.TFLiteConverter:
    frozen = freeze(model, batch_size=1)
    spec = tf.TensorSpec(frozen.inputs[0].shape, frozen.inputs[0].dtype)

    @tf.function(input_signature=[spec], autograph=False)
    def infer(image: tf.Tensor) -> tf.Tensor:
        return frozen(image, training=False)

    return tf.lite.TFLiteConverter.from_concrete_functions([infer.get_concrete_function()], frozen)
