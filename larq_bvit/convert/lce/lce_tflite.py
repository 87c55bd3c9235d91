"""Converts a Keras model to a .tflite for Larq Compute Engine's runtime."""

import logging
import re
import tempfile
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from larq_bvit._quiet import captured_stderr
from larq_bvit.convert.conversion_error import ConversionError
from larq_bvit.convert.freezing.freeze import freeze
from larq_bvit.convert.lce.binary_layers import check_binary_layers
from larq_bvit.convert.lce.graph import Graph
from larq_bvit.convert.lce.interpreter import Interpreter, lce
from larq_bvit.convert.lce.lce_forms import use_lce_forms
from larq_bvit.convert.normalization import Normalization
from larq_bvit.convert.tflite.compact import compact
from larq_bvit.convert.tflite.flatbuffer import count_ops, load
from larq_bvit.convert.tflite.layer_names import SCOPE, name_by_layer
from larq_bvit.convert.tflite.pack import pack

log = logging.getLogger(__name__)


def lce_tflite(
    model: tf.keras.Model, batch_size: int = 1, normalization: Normalization | None = None
) -> tuple[bytes, int]:
    """Freezes and converts a model; every binary layer is bit-packed in the result.

    What LCE would miscompute is rewritten (see `lce_forms`) or refused. Quantized layers that LCE
    has no binary form for, such as depthwise ones, stay float; a warning names them.

    Arguments:
        model: a functional Keras model of fixed spatial size.
        batch_size: the .tflite's fixed batch size.
        normalization: see `freeze`.

    Returns:
        The .tflite, float32 at both ends, and its number of binary layers.

    Raises:
        ValueError: the model is not functional, or its input has an open spatial size.
        ConversionError: LCE failed, or would miscompute a binary layer or leave it in float; says
            which, what was expected and what came.
    """
    for tensor in getattr(model, "inputs", None) or []:
        if None in tensor.shape[1:]:
            raise ValueError(
                f"every input size but the batch must be fixed to convert; got {tensor.shape}"
            )
    frozen = freeze(model, batch_size, normalization)
    specs, graph = _graph(frozen)
    use_lce_forms(graph)
    try:
        expected = check_binary_layers(graph, model)
    except ValueError as error:
        raise ConversionError(str(error)) from None
    tflite = _with_keras_ends(_convert(graph.function(specs)), model)
    tflite = compact(name_by_layer(tflite))
    got = count_ops(tflite)["LceBconv2d"]
    if got != expected:
        raise ConversionError(
            f"Larq Compute Engine made {got} of {expected} binary layers of {model.name!r} binary"
        )
    try:
        Interpreter(tflite)
    except RuntimeError as error:
        raise ConversionError(f"LCE's interpreter can't load {model.name!r}: {error}") from error
    return tflite, got


def _graph(frozen: tf.keras.Model) -> tuple[list[tf.TensorSpec], Graph]:
    specs = [
        tf.TensorSpec(tensor.shape, tensor.dtype, f"input_{place}")
        for place, tensor in enumerate(frozen.inputs)
    ]

    # operators are named by scope, cut at 50 characters: the layers' paths matter, not the model's
    net = tf.keras.Model(frozen.inputs, frozen.outputs, name=SCOPE)

    @tf.function(input_signature=specs, autograph=False)
    def infer(*images: tf.Tensor) -> Any:
        return net(list(images) if len(images) > 1 else images[0], training=False)

    # With constants, saving and converting take a tenth of the time that variables take.
    # model.save(), which LCE uses itself, also traces each of a thousand layers once more.
    return specs, Graph(convert_variables_to_constants_v2(infer.get_concrete_function()))


def _convert(function: Any) -> bytes:
    module = tf.Module()
    module.serve = function
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=module.serve, options=options)
        try:
            with captured_stderr() as chatter:
                return lce().convert_saved_model(folder)
        except Exception as error:  # MLIR's own exception types are not exported
            raise ConversionError(f"Larq Compute Engine can't convert: {error}") from error
        finally:
            log.debug("%s", chatter())


def _with_keras_ends(tflite: bytes, model: tf.keras.Model) -> bytes:
    """Inputs and outputs in Keras' order, which LCE does not keep, and by Keras' names."""
    file = load(tflite)
    graph, signature = file.subgraphs[0], file.signatureDefs[0]
    signature.inputs.sort(key=_place)
    signature.outputs.sort(key=_place)
    graph.inputs = np.array([entry.tensorIndex for entry in signature.inputs], np.int32)
    graph.outputs = np.array([entry.tensorIndex for entry in signature.outputs], np.int32)
    for index, name in zip(graph.outputs, model.output_names, strict=True):
        graph.tensors[index].name = name.encode()
    for entry, name in zip(signature.inputs, model.input_names, strict=True):
        graph.tensors[entry.tensorIndex].name = entry.name = name.encode()
    return pack(file)


def _place(entry: Any) -> int:
    """Of an end called `input_2` or `output_10`; those of a dictionary are in order already."""
    number = re.fullmatch(rb"(?:in|out)put_(\d+)", entry.name)
    return int(number[1]) if number else 0
