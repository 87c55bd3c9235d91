"""From a Keras model to a verified .tflite for a deployment target."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.convert.conversion import Conversion
from larq_bvit.convert.conversion_error import ConversionError
from larq_bvit.convert.counting.census import census
from larq_bvit.convert.freezing.freeze import plain
from larq_bvit.convert.freezing.rebuild import check_functional
from larq_bvit.convert.lce.lce_tflite import lce_tflite
from larq_bvit.convert.normalization import Normalization
from larq_bvit.convert.plan import check_fits, metadata_of, resolved
from larq_bvit.convert.target import Target, load_target
from larq_bvit.convert.tflite.float16_storage import store_as_float16
from larq_bvit.convert.tflite.io_types import TensorFormat, store_input_as, store_output_as
from larq_bvit.convert.tflite.metadata import add_metadata
from larq_bvit.convert.verification.input_form import both_inputs
from larq_bvit.convert.verification.rounding import compare_rounded
from larq_bvit.convert.verification.verify import sample_inputs
from larq_bvit.convert.verification.verify import verify as compare_with_keras
from larq_bvit.zoo.load_model import load_model

log = logging.getLogger(__name__)


def to_tflite(model: tf.keras.Model | str | os.PathLike[str], **options: Any) -> bytes:
    """The bytes of a verified .tflite; options and errors are those of `convert_model`."""
    return convert_model(model, **options).tflite


def convert_model(
    model: tf.keras.Model | str | os.PathLike[str],
    *,
    target: str | os.PathLike[str] | Target = "arm",
    batch_size: int | None = None,
    input_type: str | None = None,
    output_type: str | None = None,
    include_preprocessing: bool | None = None,
    float_storage: str | None = None,
    normalization: Normalization | None = None,
    labels: Sequence[str] | None = None,
    verify: bool = True,
    images: np.ndarray | None = None,
) -> Conversion:
    """Freezes, converts and verifies a model; every binary layer is bit-packed in the result.

    What LCE would miscompute is rewritten (see `lce_forms`) or refused. Quantized layers that LCE
    has no binary form for, such as depthwise ones, stay float; a warning names them.

    The .tflite takes images (batch, H, W, channels) and gives what the Keras model gives. It
    carries TFLite metadata: its name, the normalisation that it expects, and the labels.

    Arguments:
        model: a functional Keras model of fixed spatial size, of the zoo or your own, or the
            path of a saved one (see `zoo.load_model`).
        target: a name of `list_targets()`, a TOML file, or a Target; says what the five options
            below are unless they are given.
        batch_size: the .tflite's fixed batch size.
        input_type: "float32"; "int8" or "uint8" to store the input in 8 bits, with the scale
            and zero point that the input tensor states.
        output_type: "float32"; "int8" or "uint8" for probabilities in steps of 1/256.
        include_preprocessing: the .tflite takes RGB pixels, 0 to 255 (int8: pixel - 128).
        float_storage: "float32"; "float16" halves the constants and rounds them.
        normalization: what the model expects of its pixels; by default what its weights say
            (`model.preprocessing`), else for three channels that of `zoo.preprocess_input`. A
            model that seems to normalise pixels itself needs it said: `Normalization.none()` where
            it takes them as they are.
        labels: names of the classes, for the metadata; by default the model's `class_names`.
        verify: whether to compare the file with Keras; needs a model of one input.
        images: to verify on (see `verify`); parts of a photograph without.

    Raises:
        ValueError: the model is not functional, its input has an open size, or an option or the
            labels don't fit.
        ConversionError: LCE failed, would miscompute a binary layer or leave it in float, or the
            file does not compute what the model computes.
    """
    target = resolved(
        load_target(target),
        batch_size=batch_size,
        input_type=input_type,
        output_type=output_type,
        include_preprocessing=include_preprocessing,
        float_storage=float_storage,
    )
    if not isinstance(model, tf.keras.Model):
        if not isinstance(model, str | os.PathLike):
            raise ValueError(f"expected a Keras model or a path; got {type(model).__name__}")
        model = load_model(model)
    check_functional(model)
    normalization = normalization or Normalization.of_weights(model)
    if labels is None:
        labels = getattr(model, "class_names", None) or ()
    model = plain(model)  # of copies nothing is told
    if verify and len(model.inputs) != 1:
        raise ValueError(
            f"expected a model of one input, or verify=False; got {len(model.inputs)} inputs"
        )
    metadata = metadata_of(model, target, normalization, labels)
    check_fits(model, target, metadata, normalization)
    normalization = normalization or Normalization.usual(model.inputs[0].shape[-1])
    graph, binary_layers = _graph(model, target, normalization)
    exact = tflite = add_metadata(graph, metadata)
    if target.output_type != "float32" or target.float_storage != "float32":
        tflite = add_metadata(_rounded(graph, target), metadata)
    verification = None
    if verify:
        if images is None:
            images = sample_inputs(model, target.batch_size)
        images = np.asarray(images)
        verification = compare_with_keras(model, exact, images, normalization=normalization)
        if tflite is not exact:
            stored = both_inputs(exact, images, normalization)[1]
            verification = replace(verification, rounding=compare_rounded(tflite, exact, stored))
        if not verification.holds:
            raise ConversionError(f"the .tflite differs from the model:\n{verification}")
        for what, effect in verification.rounded.items():
            if effect.top_1 not in (1, None):
                log.warning("best classes differ; what %s changes: %s", what, effect)
    return Conversion(tflite, target, binary_layers, census(tflite), verification)


def _graph(
    model: tf.keras.Model, target: Target, normalization: Normalization
) -> tuple[bytes, int]:
    """The .tflite before anything but its input is rounded, and its number of binary layers."""
    pixels = target.include_preprocessing
    tflite, layers = lce_tflite(model, target.batch_size, normalization if pixels else None)
    if target.input_type == "float32":
        return tflite, layers
    low, high = (0.0, 255.0) if pixels else normalization.range(model.inputs[0].shape[-1])
    return store_input_as(tflite, TensorFormat.covering(target.input_type, low, high)), layers


def _rounded(tflite: bytes, target: Target) -> bytes:
    """With the target's type of output, in steps of 1/256, and storage."""
    tflite = store_output_as(tflite, TensorFormat.covering(target.output_type, 0, 255 / 256))
    return store_as_float16(tflite) if target.float_storage == "float16" else tflite
