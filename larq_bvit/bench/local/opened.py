"""Opens a .tflite in one of the runtimes that are compared."""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from larq_bvit.bench.entry import DELEGATE, LCE
from larq_bvit.bench.local.mode import Mode
from larq_bvit.runtime.backend import backend, tensorflow_lite
from larq_bvit.runtime.library import delegate_path, function, pointer_of


class Opened:
    """A file that is ready to run.

    Attributes:
        about: the runtime with its version.
        run: an input in, the first output out.
        interpreter: TensorFlow Lite's, or None for LCE.
        inputs: how many the file has, of which `run` fills the first.
    """

    def __init__(self, mode: Mode, path: Path) -> None:
        """Loads the file and plans its memory."""
        self.interpreter: Any = None
        self.inputs = 1
        self._delegate: Any = None
        self.about: str
        self.run: Callable[[np.ndarray], np.ndarray]
        if mode.runtime == LCE:
            self._open_lce(mode, path)
        else:
            self._open_tflite(mode, path)

    def _open_lce(self, mode: Mode, path: Path) -> None:
        from importlib.metadata import version

        from larq_bvit import convert

        options = {"num_threads": mode.threads, **mode.options}
        run = convert.Interpreter(path.read_bytes(), **options).run
        self.about = f"Larq Compute Engine {version('larq-compute-engine')}"
        self.run = lambda batch: run(batch)[0]

    def _open_tflite(self, mode: Mode, path: Path) -> None:
        runtime = tensorflow_lite() if mode.tensorflow else backend()
        delegates = None
        self.about = f"{runtime.name} with XNNPACK"
        if mode.runtime == DELEGATE:
            options = {key: str(value) for key, value in mode.options.items()}
            self._delegate = runtime.load_delegate(str(delegate_path()), options)
            delegates = [self._delegate]
            self.about = f"{runtime.name} with larq_bvit's delegate"
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"[\s\S]*tf.lite.Interpreter is deprecated")
            self.interpreter = runtime.interpreter(
                str(path), num_threads=mode.threads, experimental_delegates=delegates
            )
        self.interpreter.allocate_tensors()
        inputs = self.interpreter.get_input_details()
        self.inputs, self._input = len(inputs), inputs[0]
        self._output = self.interpreter.get_output_details()[0]
        self.run = self._invoke

    def _invoke(self, image: np.ndarray) -> np.ndarray:
        self.interpreter.set_tensor(self._input["index"], image)
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self._output["index"])

    def stored(self, image: np.ndarray) -> np.ndarray:
        """The image as the file takes it: floats are rounded where it takes 8 bits."""
        # LCE compares types by identity, which an array of another process has not
        own = image.astype(image.dtype.type)
        scale, zero = self._input["quantization"] if self.interpreter else (0.0, 0)
        if not scale or own.dtype == self._input["dtype"]:
            return own
        low, high = np.iinfo(self._input["dtype"]).min, np.iinfo(self._input["dtype"]).max
        return np.clip(np.round(own / scale) + zero, low, high).astype(self._input["dtype"])

    def logits(self, output: np.ndarray) -> np.ndarray:
        """Float numbers of what `run` gave."""
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
        return count(pointer_of(self._delegate))
