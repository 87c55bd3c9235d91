"""Larq Compute Engine's own interpreter, for any batch size."""

from types import ModuleType
from typing import Any

import numpy as np


def lce() -> ModuleType:
    """larq_compute_engine, or an ImportError that says where it can be had."""
    try:
        import larq_compute_engine
    except ImportError as error:
        raise ImportError(
            f"converting needs larq-compute-engine, which can't be imported ({error}); it has "
            f"wheels for Linux x86-64, macOS and Windows, not for Linux aarch64"
        ) from error
    return larq_compute_engine


class CannotLoadError(RuntimeError, ValueError):
    """A .tflite that is none, or holds what LCE's interpreter does not know."""


class Interpreter:
    """Runs a .tflite in LCE's interpreter; on x86-64 its kernels are right but not fast.

    Arguments:
        tflite: the file's bytes.
        options: LCE's: `num_threads`, `use_reference_bconv`, `use_indirect_bgemm`,
            `use_xnnpack`.

    Raises:
        ImportError: larq-compute-engine is missing.
        CannotLoadError: the file can't be loaded.
    """

    def __init__(self, tflite: bytes, **options: Any):
        lce()
        from larq_compute_engine.tflite.python.interpreter import Interpreter as LceInterpreter

        # what it wraps takes whole batches; it feeds one sample at a time
        try:
            self._runner = LceInterpreter(tflite, **options).interpreter
        except RuntimeError as error:
            raise CannotLoadError(
                f"Larq Compute Engine can't load this .tflite: {error}"
            ) from error

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the (first) input, the batch size included."""
        return tuple(self._runner.input_shapes[0])

    def predict(self, images: np.ndarray) -> Any:
        """Outputs for images (N, H, W, C): an array (N, ...), or a list of them.

        Raises:
            ValueError: N is not a multiple of the model's batch size, or the shape differs.
        """
        batch, *shape = self.input_shape
        if list(images.shape[1:]) != shape or len(images) % batch or not len(images):
            raise ValueError(
                f"images must have shape (multiple of {batch}, {', '.join(map(str, shape))}); "
                f"got {images.shape}"
            )
        # LCE compares types by identity, and arrays of other processes bring types of their own
        images = np.ascontiguousarray(images.astype(images.dtype.type))
        runs = [self.run(x) for x in np.split(images, len(images) // batch)]
        outputs = [np.concatenate(parts) for parts in zip(*runs, strict=True)]
        return outputs[0] if len(outputs) == 1 else outputs

    def run(self, batch: np.ndarray) -> list[np.ndarray]:
        """All outputs for one batch of the model's own size and type, with nothing around LCE."""
        return self._runner.predict([batch])
