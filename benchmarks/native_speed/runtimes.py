"""Opens a .tflite in one of the runtimes that are compared."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from larq_bvit.runtime import delegate_path
from larq_bvit.runtime.library import function

LCE, TFLITE, DELEGATE = "LCE", "TFLite + XNNPACK", "TFLite + our delegate"


@dataclass(frozen=True)
class Entry:
    """What is measured: a file in a runtime.

    Attributes:
        file: its name in `files`.
        runtime: LCE's interpreter; TensorFlow Lite with its default, XNNPACK; or with ours.
        options: LCE's (see `convert.Interpreter`), or our delegate's, but for threads.
        threads: number of them; a single one stays on one core.
    """

    file: str
    runtime: str
    options: dict[str, Any] = field(default_factory=dict)
    threads: int = 1

    def __str__(self) -> str:
        options = ", ".join(f"{key}={value}" for key, value in self.options.items())
        mode = f" ({options})" if options else ""
        threads = "" if self.threads == 1 else f", {self.threads} threads"
        return f"{self.file}: {self.runtime}{mode}{threads}"


class Opened:
    """A file that is ready to run.

    Attributes:
        run: an image in, logits out.
        interpreter: TensorFlow Lite's, or None for LCE.
    """

    def __init__(self, entry: Entry, path: Path) -> None:
        """Loads the file and plans its memory."""
        self.interpreter: Any = None
        self._delegate: Any = None
        self.run: Callable[[np.ndarray], np.ndarray]
        if entry.runtime == LCE:
            self._open_lce(entry, path)
        else:
            self._open_tflite(entry, path)

    def _open_lce(self, entry: Entry, path: Path) -> None:
        from larq_bvit import convert

        options = {"num_threads": entry.threads, **entry.options}
        self.run = convert.Interpreter(path.read_bytes(), **options).predict

    def _open_tflite(self, entry: Entry, path: Path) -> None:
        import tensorflow as tf

        if entry.runtime == DELEGATE:
            options = {key: str(value) for key, value in entry.options.items()}
            self._delegate = tf.lite.experimental.load_delegate(str(delegate_path()), options)
        self.interpreter = tf.lite.Interpreter(
            str(path),
            num_threads=entry.threads,
            experimental_delegates=[self._delegate] if self._delegate else None,
        )
        self.interpreter.allocate_tensors()
        self._input = self.interpreter.get_input_details()[0]
        self._output = self.interpreter.get_output_details()[0]
        self.run = self._invoke

    def _invoke(self, image: np.ndarray) -> np.ndarray:
        self.interpreter.set_tensor(self._input["index"], image)
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self._output["index"])

    def stored(self, image: np.ndarray) -> np.ndarray:
        """The float image as the file takes it."""
        scale, zero = self._input["quantization"] if self.interpreter else (0.0, 0)
        if not scale:
            # LCE compares types by identity, which an array of another process has not
            return image.astype(np.float32)
        low, high = np.iinfo(self._input["dtype"]).min, np.iinfo(self._input["dtype"]).max
        return np.clip(np.round(image / scale) + zero, low, high).astype(self._input["dtype"])

    def logits(self, output: np.ndarray) -> np.ndarray:
        """Float logits of what `run` gave."""
        scale, zero = self._output["quantization"] if self.interpreter else (0.0, 0)
        return (output.astype(np.float64) - zero) * scale if scale else output

    def activation_bytes(self) -> int | None:
        """What our delegate has allocated for maps; None where there is no one to tell."""
        if self._delegate is None:
            return None
        try:
            count = function("larq_bvit_activation_bytes", ctypes.c_size_t, ctypes.c_void_p)
        except ImportError:  # a library of another version
            return None
        return count(self._delegate._get_native_delegate_pointer())
