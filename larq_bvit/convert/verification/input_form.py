"""What a .tflite takes, and the same images for its Keras model."""

from __future__ import annotations

import numpy as np

from larq_bvit.convert.normalization import Normalization
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


def takes_pixels(tflite: bytes) -> bool:
    """Whether a .tflite normalises pixels itself, by its metadata."""
    metadata = read_metadata(tflite)
    return metadata is not None and set(metadata.mean) == {0.0} and set(metadata.std) == {1.0}
