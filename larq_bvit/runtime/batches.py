"""Any number of images for a model of a fixed batch size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from larq_bvit.runtime.signature import Tensor


def check_images(images: np.ndarray, tensor: Tensor) -> np.ndarray:
    """Images (N, ...) as the runtime takes them, which knows no order of bytes but its own.

    Raises:
        ValueError: their shape or type is not the model's, or the model's is open.
    """
    images = np.ascontiguousarray(images)
    images = images.astype(images.dtype.newbyteorder("="), copy=False)
    if tensor.open:
        raise ValueError(
            f"input {tensor.name!r} has open sizes, which are not set here: expected a .tflite "
            "that was made for one size of images"
        )
    if not tensor.shape:
        raise ValueError(f"expected an input (N, ...); {tensor.name!r} is a single number")
    batch, *shape = tensor.shape
    if images.ndim != len(tensor.shape) or list(images.shape[1:]) != shape:
        expected = ", ".join(map(str, ("N", *shape)))
        raise ValueError(f"images must have shape ({expected}); got {images.shape}")
    if images.dtype.name != tensor.dtype:
        raise ValueError(f"images must be {tensor.dtype}; got {images.dtype.name}")
    return images


def split(images: np.ndarray, batch: int) -> Iterator[np.ndarray]:
    """Whole batches; the last one is filled up with its last image."""
    for start in range(0, len(images), batch):
        part = images[start : start + batch]
        missing = batch - len(part)
        yield np.concatenate([part, part[-1:].repeat(missing, axis=0)]) if missing else part


def join(parts: Sequence[np.ndarray], tensor: Tensor, batch: int, count: int) -> np.ndarray:
    """An output of `count` images from that of every batch.

    Raises:
        ValueError: the output has no axis of images, but there were others than one batch.
    """
    shape = parts[0].shape if parts else tensor.shape
    if not shape or shape[0] % batch or (len(shape) == 1 and shape[0] != batch):
        if count == batch:
            return parts[0]
        raise ValueError(
            f"output {tensor.name!r} has shape {shape}, no first axis of images: give exactly "
            f"{batch} images; got {count}"
        )
    rows = shape[0] // batch  # of an image
    if not parts:
        return np.empty((0, *shape[1:]), tensor.dtype)
    return np.concatenate(parts)[: count * rows]
