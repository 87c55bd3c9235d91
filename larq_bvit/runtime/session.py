"""One model in one runtime with one delegate."""

from __future__ import annotations

import os
import warnings
import weakref
from pathlib import Path
from typing import Any

import numpy as np

from larq_bvit.runtime.backend import Backend
from larq_bvit.runtime.library import loaded_path
from larq_bvit.runtime.signature import Signature, Tensor

Model = bytes | bytearray | memoryview | str | os.PathLike[str]


def read_model(model: Model) -> bytes:
    """A .tflite's bytes, from its path or as they are.

    Raises:
        OSError: the file can't be read.
        ValueError: it is no .tflite.
    """
    if isinstance(model, bytes | bytearray | memoryview):
        content, where = bytes(model), ""
    else:
        content, where = Path(model).read_bytes(), f"{os.fspath(model)}: "
    if content[4:8] != b"TFL3":
        raise ValueError(f"{where}expected a .tflite (identifier TFL3); got bytes {content[:8]!r}")
    return content


class Session:
    """A loaded model; not safe to share between threads.

    Arguments:
        tflite: its bytes.
        backend: the runtime.
        options: the delegate's.
        threads: of the runtime's own operators.
        plain: without delegates of the runtime's own.

    Raises:
        ValueError: the delegate refuses an option, or the runtime can't load the model.
        ImportError: the library is missing or can't be loaded.
    """

    def __init__(
        self,
        tflite: bytes,
        backend: Backend,
        options: dict[str, str],
        *,
        threads: int,
        plain: bool,
    ):
        self.library = loaded_path()
        try:
            delegate = backend.load_delegate(str(self.library), options)
        except ValueError as error:  # of two lines; the delegate's reason is the last one
            raise ValueError(str(error).rpartition("\n")[2]) from error
        resolver = {"experimental_op_resolver_type": backend.plain} if plain else {}
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", r"[\s\S]*tf.lite.Interpreter is deprecated")
                runner = backend.interpreter(
                    model_content=tflite,
                    experimental_delegates=[delegate],
                    num_threads=threads,
                    **resolver,
                )
            runner.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise ValueError(f"{backend.name} can't load this .tflite: {error}") from error
        inputs, outputs = runner.get_input_details(), runner.get_output_details()
        self.signature = Signature(tuple(map(Tensor.of, inputs)), tuple(map(Tensor.of, outputs)))
        self._inputs, self._outputs = ([each["index"] for each in x] for x in (inputs, outputs))
        # The interpreter ends before its delegate, which it holds, and both before Python does:
        # the runtime's destructors need its modules.
        self._held = [runner, delegate]
        weakref.finalize(self, self._held.clear)

    @property
    def delegate(self) -> Any:
        """The runtime's own object."""
        return self._held[1]

    def run(self, batch: np.ndarray) -> list[np.ndarray]:
        """Copies of all outputs for an input of the model's own shape and type."""
        runner = self._held[0]
        runner.set_tensor(self._inputs[0], batch)
        runner.invoke()
        return [runner.get_tensor(index) for index in self._outputs]
