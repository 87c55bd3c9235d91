"""What to make of a model for a target, decided and checked before the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import tensorflow as tf

from larq_bvit.convert.normalization import Normalization
from larq_bvit.convert.own_normalization import normalizes_itself
from larq_bvit.convert.target import Target
from larq_bvit.convert.tflite.metadata import Metadata
from larq_bvit.convert.tflite.metadata.checks import check as check_metadata
from larq_bvit.zoo.last_activation import last_activation


def resolved(target: Target, **options: Any) -> Target:
    """The target with the options that are given."""
    given = {name: value for name, value in options.items() if value is not None}
    pixels = given.get("include_preprocessing", target.include_preprocessing)
    if pixels and not target.include_preprocessing and target.input_type == "float32":
        given.setdefault("input_type", "uint8")  # what a camera gives
    return replace(target, **given)


def check_fits(
    model: tf.keras.Model,
    target: Target,
    metadata: Metadata,
    normalization: Normalization | None,
) -> None:
    """Refuses what can't be had for this model.

    Raises:
        ValueError: says what was expected and what came.
    """
    channels, classes = model.inputs[0].shape[-1], model.outputs[0].shape[-1]
    if target.include_preprocessing or target.input_type != "float32":
        if len(model.inputs) != 1:
            raise ValueError(f"expected a model of one input; got {len(model.inputs)}")
        if normalization is None and channels != 3:
            raise ValueError(f"expected a normalization for images of {channels} channels")
    known = metadata.mean or target.input_type != "float32"
    if normalization is None and known and normalizes_itself(model):
        raise ValueError(
            f"{model.name!r} begins with a scale or a shift, so it may normalise pixels itself: "
            f"expected normalization=Normalization.none() if it takes pixels from 0 to 255 as "
            f"they are (`larq-bvit convert --raw-pixels`), or the Normalization that it expects "
            f"before (--mean and --std)"
        )
    if normalization is not None:
        normalization.of_pixels(channels)
    if metadata.labels and len(metadata.labels) != classes:
        raise ValueError(f"expected {classes} labels, one per class; got {len(metadata.labels)}")
    check_metadata(metadata, channels, classes)
    last = last_activation(model.outputs[0])
    if target.output_type != "float32" and last is not tf.keras.activations.softmax:
        raise ValueError(
            f"an output of type {target.output_type} needs probabilities, 0 to 1: expected a "
            f"softmax at the end of {model.name!r}; got {getattr(last, '__name__', last)}"
        )


def metadata_of(
    model: tf.keras.Model,
    target: Target,
    normalization: Normalization | None,
    labels: Sequence[str],
) -> Metadata:
    """What an app must do to pixels: nothing, if the .tflite does it."""
    if target.include_preprocessing:
        return Metadata(name=model.name, mean=(0.0,), std=(1.0,), labels=tuple(labels))
    if normalization is None and model.inputs[0].shape[-1] != 3:
        return Metadata(name=model.name, labels=tuple(labels))  # it is not known
    known = normalization or Normalization()
    mean, std = (tuple(255 * value for value in values) for values in (known.mean, known.std))
    return Metadata(name=model.name, mean=mean, std=std, labels=tuple(labels))
