"""A process of its own for each file and runtime: it loads the file, and runs it when asked to."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from larq_bvit._quiet import hidden_stderr
from larq_bvit.bench.entry import DELEGATE, XNNPACK
from larq_bvit.bench.local.claims import check_products, claims
from larq_bvit.bench.local.memory import peak_resident, resident
from larq_bvit.bench.local.mode import Mode
from larq_bvit.bench.local.opened import Opened
from larq_bvit.runtime.library import available_isas

_AT_LEAST = 0.05  # seconds of inferences in a turn, of which there is one at least


class Worker:
    """`with Worker(mode, path, images) as worker: worker.turn()`.

    Workers are forks of a server that has imported the runtimes, none of which has run yet.

    Attributes:
        about: what the worker has found while it loaded: "runtime" with its version; "open" and
            "first", the seconds from the path to an interpreter that is ready and from there to
            the first result; "claims", what XNNPACK or our delegate has taken;
            "activation_bytes" and "isas" of our delegate; "peak_memory", bytes on top of what it
            began with.
        outputs: one for each image, as stored.
        logits: the same as floats, (N, classes).
    """

    def __init__(
        self, mode: Mode, path: Path, images: Sequence[np.ndarray], name: str | None = None
    ) -> None:
        """Starts it, and waits until it has run each image once.

        Arguments:
            mode: the runtime.
            path: of the file.
            images: one batch each, as the file takes it, or normalised float32; the first is the
                one that is timed.
            name: for errors.

        Raises:
            RuntimeError: it failed; says how.
        """
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["larq_bvit.bench.local.preload"])
        self._name = name or f"{path.name}: {mode.runtime}"
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_work,
            # the server's environment is that of its start
            args=(theirs, mode, path, list(images), dict(os.environ)),
            daemon=True,
        )
        self._process.start()
        theirs.close()
        try:
            self.about, self.outputs, self.logits = self._hear()
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
            raise RuntimeError(f"{self._name} has ended: {self._process.exitcode}") from None
        if isinstance(answer, str):
            raise RuntimeError(f"{self._name}:\n{answer}")
        return answer

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()


def _work(
    parent: Connection,
    mode: Mode,
    path: Path,
    images: list[np.ndarray],
    environment: dict[str, str],
) -> None:
    """In the worker; a failure goes to the parent as text."""
    os.environ.update(environment)
    try:
        with hidden_stderr():
            *loaded, run = _open(mode, path, images)
        parent.send(loaded)
        while True:
            parent.recv()
            parent.send(_turn(run))
    except EOFError:
        pass  # the parent is done
    except Exception:
        parent.send(traceback.format_exc())


def _open(
    mode: Mode, path: Path, images: list[np.ndarray]
) -> tuple[dict[str, Any], list[np.ndarray], np.ndarray, Callable[[], object]]:
    if mode.threads == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # see `bench.pinned`
    before = resident()
    start = perf_counter()
    opened = Opened(mode, path)
    ready = perf_counter()
    stored = [opened.stored(image) for image in images]
    begin = perf_counter()
    outputs = [opened.run(stored[0])]
    about: dict[str, Any] = {"open": ready - start, "first": perf_counter() - begin}
    outputs += [opened.run(image) for image in stored[1:]]
    logits = np.concatenate([opened.logits(output) for output in outputs])
    about["runtime"] = opened.about
    about["claims"] = claims(opened.interpreter) if opened.interpreter else None
    if mode.runtime == XNNPACK:
        check_products(about["claims"])
    about["activation_bytes"] = opened.activation_bytes()
    about["isas"] = available_isas() if mode.runtime == DELEGATE else []
    peak = peak_resident()
    about["peak_memory"] = None if before is None or peak is None else peak - before
    return about, outputs, logits, lambda: opened.run(stored[0])


def _turn(run: Callable[[], object]) -> float:
    run()  # brings its weights back into the caches
    times: list[float] = []
    while not times or sum(times) < _AT_LEAST:
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return float(np.median(times))
