"""Runs a .tflite in LiteRT or TensorFlow Lite, binary operators and more by our delegate."""

from __future__ import annotations

import ctypes
from threading import Lock
from time import perf_counter
from typing import Any

import numpy as np

from larq_bvit.runtime.backend import backend
from larq_bvit.runtime.batches import check_images, join, split
from larq_bvit.runtime.library import function, pointer_of
from larq_bvit.runtime.profile import Profile, counter_reader, difference
from larq_bvit.runtime.session import Model, Session, read_model
from larq_bvit.runtime.signature import Signature, Tensor

_INTEGERS = (int, np.integer)
_WARM_UP = 3  # runs, in which a delegate that counts times its products a second time


class Interpreter:
    """A .tflite, ready to run; threads may share it, and take turns.

    Arguments:
        model: a .tflite, as bytes or by its path.
        threads: that a run may use, up to 64.
        isa: one of `available_isas()`; the best of them without.
        exact: computes LCE's operators one by one, as LCE does to the last bit, and leaves all
            others to the runtime; without, operators are fused, and floats differ in their last
            bits.
        verbose: the delegate writes its plan to stderr; 2: all of it.

    Raises:
        ValueError: no .tflite, one that the runtime can't load, or a bad option.
        OSError: the file can't be read.
        ImportError: the delegate's library or a TFLite runtime is missing; says what to do.
    """

    def __init__(
        self,
        model: Model,
        *,
        threads: int = 1,
        isa: str | None = None,
        exact: bool = False,
        verbose: bool | int = False,
    ):
        if isinstance(threads, bool) or not isinstance(threads, _INTEGERS) or threads < 1:
            raise ValueError(f"expected threads to be an integer of at least 1; got {threads!r}")
        if not isinstance(exact, bool | np.bool_):
            raise ValueError(f"expected exact to be True or False; got {exact!r}")
        self._tflite = read_model(model)
        self._options = {"threads": str(threads), "exact": str(int(exact))}
        if isa is not None:
            self._options["isa"] = isa
        self._backend = backend()
        self._threads, self._exact = int(threads), exact
        self._session = self._open({"verbose": str(int(verbose))} if verbose else {})
        self._lock = Lock()

    def _open(self, more_options: dict[str, str]) -> Session:
        options = {**self._options, **more_options}
        # XNNPACK rounds differently
        plain = self._exact
        return Session(self._tflite, self._backend, options, threads=self._threads, plain=plain)

    @property
    def runtime(self) -> str:
        """The runtime's name and version."""
        return self._backend.name

    @property
    def signature(self) -> Signature:
        """Names, shapes, types and quantization of inputs and outputs."""
        return self._session.signature

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the (first) input, the batch size included; () where there is none."""
        return self.signature.inputs[0].shape if self.signature.inputs else ()

    @property
    def activation_bytes(self) -> int:
        """Memory that the delegate holds for feature maps, all threads' together.

        Tensors that come and go between the delegate and the runtime's own operators, inputs and
        outputs among them, are not in it: they are the runtime's.

        Raises:
            ImportError: the library is one that can't tell.
        """
        name, library = "larq_bvit_activation_bytes", self._session.library
        count = function(name, ctypes.c_size_t, ctypes.c_void_p, path=library)
        return count(pointer_of(self._session.delegate))

    def predict(self, images: np.ndarray) -> Any:
        """Outputs for images (N, ...), whatever N: an array (N, ...), or a list of them.

        They go through in batches of the model's size.

        Raises:
            ValueError: images of another shape or type than the model's one input, or this of open
                size; or an output whose first axis is no batch, for other than one batch.
        """
        images = check_images(images, self._image())
        batch = self.input_shape[0]
        with self._lock:
            runs = [self._session.run(part) for part in split(images, batch)]
        outputs = [
            join([run[i] for run in runs], tensor, batch, len(images))
            for i, tensor in enumerate(self.signature.outputs)
        ]
        return outputs[0] if len(outputs) == 1 else outputs

    def profile(self, images: np.ndarray, *, repeats: int = 20) -> Profile:
        """Times of the delegate's steps, and of all that it left to the runtime.

        Loads the model anew, with a delegate that counts. What is fused then runs on one thread,
        whatever `threads` is: times are those of `threads=1`. The runtime's own operators and the
        exact mode keep their threads.

        Arguments:
            images: as `predict` takes them.
            repeats: how often they are run, besides to warm up.

        Raises:
            ValueError: as `predict`; or nothing to run.
            ImportError: the library is one that can't count.
        """
        parts = list(split(check_images(images, self._image()), self.input_shape[0]))
        if not parts or repeats < 1:
            raise ValueError(f"expected images, repeated; got {len(images)}, {repeats} times")
        read_counters = counter_reader()  # before the delegate refuses an option it has not
        session = self._open({"profile": "1"})
        for part in parts * _WARM_UP:
            session.run(part)
        before, seconds = read_counters(session.delegate), []
        for part in parts * repeats:
            start = perf_counter()
            session.run(part)
            seconds.append(perf_counter() - start)
        return difference(before, read_counters(session.delegate), seconds)

    def _image(self) -> Tensor:
        if len(self.signature.inputs) != 1:
            raise ValueError(f"expected a model of one input; got {len(self.signature.inputs)}")
        return self.signature.inputs[0]
