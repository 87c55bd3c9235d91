"""A process of its own for each file and runtime: it loads the file, and runs it when asked to."""

from __future__ import annotations

import multiprocessing
import os
import platform
import tempfile
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np

from larq_bvit._quiet import hidden_stderr
from larq_bvit.bench.entry import DELEGATE
from larq_bvit.bench.local.claims import claims
from larq_bvit.bench.local.cores import Cores
from larq_bvit.bench.local.memory import give_back, peak_resident, resident
from larq_bvit.bench.local.mode import Mode
from larq_bvit.bench.local.opened import Opened
from larq_bvit.bench.local.tiny import tiny_tflite
from larq_bvit.runtime.library import available_isas

_AT_LEAST = 0.05  # seconds of inferences in a turn, of which there is one at least
_START: Final = "forkserver"  # how workers begin


def why_none() -> str | None:
    """Why there can be no workers on this system; None where there can."""
    if _START in multiprocessing.get_all_start_methods():
        return None
    return (
        f"files are timed in forks of one process, which {platform.system()} has not; expected "
        "Linux or macOS, or another machine by --on"
    )


class Worker:
    """`with Worker(mode, path, images) as worker: worker.turn()`.

    Workers are forks of a server that has imported the runtimes, none of which has run yet.

    Attributes:
        about: what the worker has found while it loaded: "runtime" with its version; "open" and
            "first", the seconds from the path to an interpreter that is ready and from there to
            the first result; "claims", what XNNPACK or our delegate has taken;
            "activation_bytes" and "isas" of our delegate; "inputs", how many the file has, as far
            as the runtime tells; "peak_memory", bytes on top of what it
            had before.
        outputs: one for each image, as stored.
        logits: the same as floats, (N, classes).
    """

    def __init__(
        self,
        mode: Mode,
        path: Path,
        images: Sequence[np.ndarray],
        name: str | None = None,
        *,
        cores: Sequence[int] | None = None,
        warm: bool = False,
    ) -> None:
        """Starts it, and waits until it has run each image once.

        Arguments:
            mode: the runtime.
            path: of the file.
            images: one batch each, as the file takes it, or normalised float32; the first is the
                one that is timed.
            name: for errors.
            cores: that it stays on; without, a single thread stays on the last one.
            warm: the runtime runs another file before, which is as small as can be: memory is then
                that of this file, and not of the runtime's code, which the first one brings in.

        Raises:
            RuntimeError: it failed, or there can be none here; says how.
        """
        if reason := why_none():
            raise RuntimeError(reason)
        context = multiprocessing.get_context(_START)
        context.set_forkserver_preload(["larq_bvit.bench.local.preload"])
        self._name = name or f"{path.name}: {mode.runtime}"
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_work,
            # the server's environment is that of its start
            args=(theirs, mode, path, list(images), _cores(mode, cores), warm, dict(os.environ)),
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
    cores: set[int],
    warm: bool,
    environment: dict[str, str],
) -> None:
    """In the worker; a failure goes to the parent as text."""
    os.environ.update(environment)
    try:
        if cores:
            os.sched_setaffinity(0, cores)
        with hidden_stderr():
            if warm:
                _warm_up(mode)
            *loaded, run = _open(mode, path, images)
        parent.send(loaded)
        while True:
            parent.recv()
            parent.send(_turn(run))
    except EOFError:
        pass  # the parent is done
    except Exception:
        parent.send(traceback.format_exc())


def _cores(mode: Mode, cores: Sequence[int] | None) -> set[int]:
    """Where a worker is to stay; nowhere in particular, if it is empty."""
    if not hasattr(os, "sched_setaffinity"):
        return set()
    if cores is None:
        return set(Cores().of(1)) if mode.threads == 1 else set()
    return set(cores)


def _warm_up(mode: Mode) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiny.tflite"
        path.write_bytes(tiny_tflite())
        Opened(mode, path).run(np.zeros((1, 4), np.float32))


def _open(
    mode: Mode, path: Path, images: list[np.ndarray]
) -> tuple[dict[str, Any], list[np.ndarray], np.ndarray, Callable[[], object]]:
    give_back()
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
    about["activation_bytes"] = opened.activation_bytes()
    about["inputs"] = opened.inputs
    about["isas"] = _isas() if mode.runtime == DELEGATE else []
    peak = peak_resident()
    about["peak_memory"] = None if before is None or peak is None else peak - before
    return about, outputs, logits, lambda: opened.run(stored[0])


def _isas() -> list[str]:
    """That the delegate may choose from here; the environment may name the last one."""
    every, last = available_isas(), os.environ.get("LARQ_BVIT_ISA")
    return every[: every.index(last) + 1] if last in every else every


def _turn(run: Callable[[], object]) -> float:
    run()  # brings its weights back into the caches
    times: list[float] = []
    while not times or sum(times) < _AT_LEAST:
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return float(np.median(times))
