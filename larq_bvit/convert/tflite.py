"""Converts a Keras model to a .tflite for Larq Compute Engine's runtime."""

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from larq_bvit.convert.binary_layers import check_binary_layers
from larq_bvit.convert.flatbuffer import count_ops
from larq_bvit.convert.freeze import freeze
from larq_bvit.convert.graph import Graph
from larq_bvit.convert.interpreter import Interpreter, lce
from larq_bvit.convert.lce_forms import use_lce_forms

log = logging.getLogger(__name__)


class ConversionError(ValueError):
    """A model that LCE can't convert, or not into what was asked for."""


def to_tflite(model: tf.keras.Model, *, batch_size: int = 1) -> bytes:
    """Freezes a model and converts it; every binary layer is bit-packed in the result.

    What LCE would miscompute is rewritten (see `lce_forms`) or refused. Quantized layers that LCE
    has no binary form for, such as depthwise ones, stay float; a warning names them.

    Input: float32 (batch, H, W, channels), normalised as for the Keras model; output as the
    Keras model's.

    Arguments:
        model: a functional Keras model of fixed spatial size, of the zoo or your own.
        batch_size: the .tflite's fixed batch size.

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
    frozen = freeze(model, batch_size)
    specs, graph = _graph(frozen)
    use_lce_forms(graph)
    try:
        expected = check_binary_layers(graph, model)
    except ValueError as error:
        raise ConversionError(str(error)) from None
    tflite = _convert(graph.function(specs))
    got = count_ops(tflite)["LceBconv2d"]
    if got != expected:
        raise ConversionError(
            f"Larq Compute Engine made {got} of {expected} binary layers of {model.name!r} binary"
        )
    try:
        Interpreter(tflite)
    except RuntimeError as error:
        raise ConversionError(f"LCE's interpreter can't load {model.name!r}: {error}") from error
    return tflite


def _graph(frozen: tf.keras.Model) -> tuple[list[tf.TensorSpec], Graph]:
    specs = [
        tf.TensorSpec(tensor.shape, tensor.dtype, tensor.node.layer.name)
        for tensor in frozen.inputs
    ]

    # operators are named by scope, cut at 50 characters: the layers' paths matter, not the model's
    net = tf.keras.Model(frozen.inputs, frozen.outputs, name="net")

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
            with _quiet_stderr():
                return lce().convert_saved_model(folder)
        except Exception as error:  # MLIR's own exception types are not exported
            raise ConversionError(f"Larq Compute Engine can't convert: {error}") from error


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keeps the chatter of C++ libraries for the debug log, and shows it when they fail."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as chatter:
        os.dup2(chatter.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            chatter.seek(0)
            log.debug("%s", chatter.read().decode(errors="replace"))
