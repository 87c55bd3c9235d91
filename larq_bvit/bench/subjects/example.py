"""An input to time a file with: a photograph, as the file takes it."""

from __future__ import annotations

import numpy as np

from larq_bvit.bench.subjects.facts import Input
from larq_bvit.convert.verification.samples import sample_images
from larq_bvit.zoo import preprocess_input

_PIXEL = 0.5  # from this scale on, stored numbers are pixels


def example(first: Input, seed: int = 0) -> np.ndarray:
    """A batch of the file's own shape and type.

    Images (N, H, W, 1 to 4) are parts of the photograph that comes with the package, normalised
    where the file takes floats or small steps, pixels where it takes these; anything else is noise.

    Raises:
        ValueError: a shape with open sizes, or a type that is no number.
    """
    if not first.shape or min(first.shape) < 1:
        raise ValueError(f"expected an input of fixed sizes; got shape {first.shape}")
    try:
        dtype = np.dtype(first.dtype)
    except TypeError:  # such as "string"
        dtype = np.dtype(object)
    if not (np.issubdtype(dtype, np.floating) or np.issubdtype(dtype, np.integer)):
        raise ValueError(f"expected an input of numbers; got {first.dtype}")
    pixels = np.issubdtype(dtype, np.integer) and (not first.scale or first.scale >= _PIXEL)
    values = _values(first.shape, pixels, seed)
    if np.issubdtype(dtype, np.floating):
        return values.astype(dtype)
    if not pixels:
        values = np.round(values / first.scale) + first.zero_point
    limits = np.iinfo(dtype)
    return np.clip(values, limits.min, limits.max).astype(dtype)


def _values(shape: tuple[int, ...], pixels: bool, seed: int) -> np.ndarray:
    if len(shape) == 4 and shape[3] <= 4:
        images = sample_images(*shape)
        if pixels:
            return images
        return preprocess_input(images) if shape[3] == 3 else images / 127.5 - 1
    noise = np.random.default_rng(seed)
    return noise.integers(0, 128, shape) if pixels else noise.standard_normal(shape)
