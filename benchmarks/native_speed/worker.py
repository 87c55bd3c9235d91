"""A process of its own for each entry: it loads the file, and runs it when it is asked to."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.native_speed.claims import check_products, claims
from benchmarks.native_speed.runtimes import TFLITE, Entry, Opened
from larq_bvit.cli.quiet import hidden_stderr, import_tensorflow

# once, in the server that all workers are forks of: a start is timed without imports
import_tensorflow().lite.Interpreter  # noqa: B018
import_module("larq_compute_engine.tflite.python.interpreter_wrapper_lite")

_AT_LEAST = 0.05  # seconds of inferences in a turn, of which there is one at least


class Worker:
    """`with Worker(entry, path, images) as worker: worker.turn()`.

    Workers are forks of a server that has imported TensorFlow: thirty of them fit into memory, and
    each begins with the same libraries, none of which has run yet.

    Attributes:
        about: what the worker has found while it loaded: "open" and "first", the seconds from the
            path to an interpreter that is ready and from there to the first result; "claims", what
            XNNPACK or our delegate has taken; "activation_bytes", of our delegate.
        logits: (N, classes), what the images give.
    """

    def __init__(self, entry: Entry, path: Path, images: np.ndarray) -> None:
        """Starts it, and waits until it has run each image once.

        Arguments:
            entry: what to run.
            path: of its file.
            images: (N, H, W, C), float32; the first is the one that is timed.

        Raises:
            RuntimeError: it failed; says how.
        """
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self._entry = entry
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_work, args=(theirs, entry, path, images), daemon=True
        )
        self._process.start()
        theirs.close()
        try:
            self.about, self.logits = self._hear()
        except BaseException:
            self.__exit__()
            raise

    def turn(self) -> float:
        """Lets it run: once to warm up, then for a while; the median seconds of an inference."""
        return self._hear(ask=True)

    def _hear(self, ask: bool = False) -> Any:
        try:
            if ask:
                self._connection.send(None)
            answer = self._connection.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            raise RuntimeError(f"{self._entry} has ended: {self._process.exitcode}") from None
        if isinstance(answer, str):
            raise RuntimeError(f"{self._entry}:\n{answer}")
        return answer

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()


def _work(parent: Connection, entry: Entry, path: Path, images: np.ndarray) -> None:
    """In the worker; a failure goes to the parent as text."""
    try:
        with hidden_stderr():
            about, logits, run = _open(entry, path, images)
        parent.send((about, logits))
        while True:
            parent.recv()
            parent.send(_turn(run))
    except EOFError:
        pass  # the parent is done
    except Exception:
        parent.send(traceback.format_exc())


def _open(
    entry: Entry, path: Path, images: np.ndarray
) -> tuple[dict[str, Any], np.ndarray, Callable[[], object]]:
    if entry.threads == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # see `bench.pinned`
    start = perf_counter()
    opened = Opened(entry, path)
    ready = perf_counter()
    stored = [opened.stored(image[None]) for image in images]
    before = perf_counter()
    outputs = [opened.run(stored[0])]
    about: dict[str, Any] = {"open": ready - start, "first": perf_counter() - before}
    outputs += [opened.run(image) for image in stored[1:]]
    logits = np.concatenate([opened.logits(output) for output in outputs])
    about["claims"] = claims(opened.interpreter) if opened.interpreter else None
    if entry.runtime == TFLITE:
        check_products(about["claims"])
    about["activation_bytes"] = opened.activation_bytes()
    return about, logits, lambda: opened.run(stored[0])


def _turn(run: Callable[[], object]) -> float:
    run()  # brings its weights back into the caches
    times: list[float] = []
    while not times or sum(times) < _AT_LEAST:
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return float(np.median(times))
