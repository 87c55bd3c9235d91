"""Several machines at once, a thread each."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from larq_bvit.bench.entry import RUNTIMES, Entry
from larq_bvit.bench.remote.errors import StoppedError, words_of
from larq_bvit.bench.remote.same_machine import identity
from larq_bvit.bench.remote.shell import Shell
from larq_bvit.bench.results import Measurement, Place

log = logging.getLogger(__name__)

Found = tuple[Place, list[Measurement], list[str]]
T = TypeVar("T")


@dataclass(frozen=True)
class _Reached:
    """A machine, by the name that the user gave; without a shell it has an error."""

    name: str
    shell: Shell | None = None
    identity: str | None = None
    error: str = ""


def measure_several(
    machines: Mapping[str, Callable[[], Shell]],
    entries: Sequence[Entry],
    work: Callable[[Shell, Callable[[], bool]], Found],
) -> tuple[list[Place], list[Measurement], list[str]]:
    """Machines, their measurements and warnings, in the order of `machines`.

    A machine that can't be reached has that for the error of all its entries; the others go on. One
    that was reached by two names is measured once. Ctrl-C lets every machine end its process and
    clean up.

    Arguments:
        machines: {name: what reaches it}.
        entries: of every machine.
        work: measures on one; takes its shell, and what tells whether to stop.

    Raises:
        KeyboardInterrupt: the user has stopped it.
    """
    stop, opened = threading.Event(), list[Shell]()
    try:
        with ThreadPoolExecutor(max_workers=max(1, len(machines))) as threads:
            try:
                reached = _all(
                    threads, [partial(_reach, *each, opened) for each in machines.items()]
                )
                once, warnings = _once(reached)
                tasks = [partial(_measure, one, entries, work, stop.is_set) for one in once]
                results = _all(threads, tasks)
            finally:
                stop.set()  # without effect where all have ended
    finally:
        for shell in opened:
            _close(shell)
    return (
        [place for place, _, _ in results],
        [each for _, found, _ in results for each in found],
        [*warnings, *(warning for _, _, found in results for warning in found)],
    )


def _all(threads: ThreadPoolExecutor, tasks: Sequence[Callable[[], T]]) -> list[T]:
    """In short steps: Ctrl-C does not reach a thread that waits for a lock on every system."""
    futures = [threads.submit(task) for task in tasks]
    waiting: set[Future[T]] = set(futures)
    while waiting:
        waiting = wait(waiting, timeout=0.5).not_done
    return [future.result() for future in futures]


def _reach(name: str, connect: Callable[[], Shell], opened: list[Shell]) -> _Reached:
    try:
        shell = connect()
        opened.append(shell)
        return _Reached(name, shell, identity(shell))
    except Exception as error:  # whatever it is, the other machines go on
        log.debug("%s", name, exc_info=True)
        return _Reached(name, error=words_of(error))


def _once(reached: Sequence[_Reached]) -> tuple[list[_Reached], list[str]]:
    """Each machine once, and a warning for each that was named again."""
    kept, warnings = list[_Reached](), list[str]()
    for one in reached:
        twin = next((other for other in kept if _is_same(one, other)), None)
        if twin is None:
            kept.append(one)
            continue
        warnings.append(f"{one.name} is the same machine as {twin.name}, so it was measured once")
    return kept, warnings


def _is_same(one: _Reached, other: _Reached) -> bool:
    if one.shell is None or other.shell is None:
        return False
    same = one.identity is not None and one.identity == other.identity
    return same or one.shell.name == other.shell.name


def _measure(
    one: _Reached,
    entries: Sequence[Entry],
    work: Callable[[Shell, Callable[[], bool]], Found],
    stopped: Callable[[], bool],
) -> Found:
    if one.shell is None:
        return _failed(one.name, "not reached", entries, one.error)
    try:
        return work(one.shell, stopped)
    except StoppedError:
        raise
    except Exception as error:  # whatever it is, the other machines go on
        log.debug("%s", one.name, exc_info=True)
        return _failed(one.shell.name, "not measured", entries, words_of(error))


def _failed(name: str, about: str, entries: Sequence[Entry], error: str) -> Found:
    failed = [
        Measurement(name, e.file, e.runtime_mode, RUNTIMES[e.runtime], e.threads, error=error)
        for e in entries
    ]
    return Place(name, about), failed, [f"{name}: {error}"]


def _close(shell: Shell) -> None:
    close = getattr(shell, "close", None)
    if close is not None:
        with suppress(Exception):  # of a connection that is broken
            close()
