"""Converts a Keras model to a .tflite for Larq Compute Engine's runtime."""

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import larq as lq
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from larq_bvit.convert.flatbuffer import count_ops
from larq_bvit.convert.freeze import freeze
from larq_bvit.convert.interpreter import Interpreter, lce

log = logging.getLogger(__name__)


class ConversionError(ValueError):
    """A model that LCE can't convert, or not into what was asked for."""


def to_tflite(model: tf.keras.Model, *, batch_size: int = 1) -> bytes:
    """Freezes a model and converts it; every binary layer is bit-packed in the result.

    Input: float32 (batch, H, W, channels), normalised as for the Keras model; output as the
    Keras model's.

    Arguments:
        model: a functional Keras model of fixed spatial size, of the zoo or your own.
        batch_size: the .tflite's fixed batch size.

    Raises:
        ValueError: the model is not functional, or its input has an open spatial size.
        ConversionError: LCE failed, or left a binary layer in float.
    """
    for tensor in getattr(model, "inputs", None) or []:
        if None in tensor.shape[1:]:
            raise ValueError(
                f"every input size but the batch must be fixed to convert; got {tensor.shape}"
            )
    frozen = freeze(model, batch_size)
    tflite = _convert(frozen)
    expected = sum(_is_binary(layer) for layer in frozen.layers)
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


def _is_binary(layer: tf.keras.layers.Layer) -> bool:
    """Whether a frozen layer is meant to be binary: signs in, at most two values per channel."""
    if getattr(getattr(layer, "input_quantizer", None), "precision", 32) != 1:
        return False
    if not isinstance(layer, lq.layers.QuantConv2D):
        return False
    magnitude = abs(layer.get_weights()[0])
    return bool((magnitude == magnitude[:1, :1, :1]).all())


def _convert(frozen: tf.keras.Model) -> bytes:
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
    constant = convert_variables_to_constants_v2(infer.get_concrete_function())
    module = tf.Module()
    module.serve = tf.function(constant, input_signature=specs, autograph=False)
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
