"""What a .tflite takes, and the same images for its Keras model."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from larq_bvit.convert.normalization import Normalization
from larq_bvit.convert.own_normalization import normalizes_itself
from larq_bvit.convert.tflite.io_types import read_format
from larq_bvit.convert.tflite.metadata import read_metadata


def both_inputs(
    tflite: bytes, images: np.ndarray, normalization: Normalization
) -> tuple[np.ndarray, np.ndarray]:
    """The same images as the Keras model and as its .tflite take them.

    What an input of 8 bits rounds is rounded for both.

    Arguments:
        tflite: the file's bytes; its metadata says whether it normalises pixels itself.
        images: (N, H, W, C), uint8 pixels, or floats that are normalised already.
        normalization: the model's, for pixels.

    Returns:
        float32 images for Keras, and images of the .tflite's own input type.

    Raises:
        ValueError: a .tflite that takes pixels, and images that are normalised.
    """
    format = read_format(tflite, "input")
    pixels = images.dtype == np.uint8
    if not pixels and not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"expected uint8 pixels, or floats; got {images.dtype}")
    if takes_pixels(tflite) and not normalization.is_none:
        if not pixels:
            raise ValueError(
                f"this .tflite takes pixels: expected uint8 images, 0 to 255; got {images.dtype}"
            )
        return normalization(images), format.store(images)
    normalized = normalization(images) if pixels else images.astype(np.float32)
    stored = format.store(normalized)
    return format.real(stored), stored


def before_rounding(
    tflite: bytes, images: np.ndarray, normalization: Normalization
) -> np.ndarray | None:
    """float32 images for Keras of which a .tflite's input of 8 bits rounds; None where it doesn't.

    Arguments:
        tflite, images, normalization: see `both_inputs`.
    """
    pixels = images.dtype == np.uint8
    if not read_format(tflite, "input").step or (pixels and takes_pixels(tflite)):
        return None
    return normalization(images) if pixels else images.astype(np.float32)


def normalization_told(model: tf.keras.Model, tflite: bytes) -> Normalization:
    """What a model expects of its pixels, as far as its .tflite, its weights and first layers tell.

    A .tflite that takes pixels does not tell what it does to them: where the weights don't, either,
    ImageNet's is taken, unless the model begins with one of its own.

    Raises:
        ValueError: the .tflite tells of a normalisation that is none.
    """
    metadata = read_metadata(tflite)
    if metadata is not None and metadata.mean and not takes_pixels(tflite):
        mean, std = (tuple(x / 255 for x in values) for values in (metadata.mean, metadata.std))
        return Normalization(mean, std)
    told = Normalization.of_weights(model)
    if told is not None:
        return told
    if normalizes_itself(model):
        return Normalization.none()
    return Normalization.usual(model.inputs[0].shape[-1])


def takes_pixels(tflite: bytes) -> bool:
    """Whether a .tflite normalises pixels itself, by its metadata."""
    metadata = read_metadata(tflite)
    return metadata is not None and set(metadata.mean) == {0.0} and set(metadata.std) == {1.0}
