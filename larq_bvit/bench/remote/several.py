"""Several machines at once, a thread each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from larq_bvit.bench.entry import RUNTIMES, Entry
from larq_bvit.bench.remote.shell import DeviceError, Shell
from larq_bvit.bench.results import Measurement, Place

Found = tuple[Place, list[Measurement], list[str]]


def measure_several(
    machines: Mapping[str, Callable[[], Shell]],
    entries: Sequence[Entry],
    work: Callable[[Shell, Callable[[], bool]], Found],
) -> tuple[list[Place], list[Measurement], list[str]]:
    """Machines, their measurements and warnings, in the order of `machines`.

    A machine that can't be reached has that for the error of all its entries; the others go on.
    Ctrl-C lets every machine end its process and clean up.

    Arguments:
        machines: {name: what reaches it}.
        entries: of every machine.
        work: measures on one; takes its shell, and what tells whether to stop.

    Raises:
        KeyboardInterrupt: the user has stopped it.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(max_workers=max(1, len(machines))) as threads:
        futures = [
            threads.submit(_one, name, connect, entries, work, stop.is_set)
            for name, connect in machines.items()
        ]
        try:
            _wait(futures)
        finally:
            stop.set()  # without effect where all have ended
    results = [future.result() for future in futures]
    return (
        [place for place, _, _ in results],
        [measured for _, all_measured, _ in results for measured in all_measured],
        [warning for _, _, warnings in results for warning in warnings],
    )


def _wait(futures: Sequence[Future[Found]]) -> None:
    """In short steps: Ctrl-C does not reach a thread that waits for a lock on every system."""
    waiting = set(futures)
    while waiting:
        waiting = wait(waiting, timeout=0.5).not_done


def _one(
    name: str,
    connect: Callable[[], Shell],
    entries: Sequence[Entry],
    work: Callable[[Shell, Callable[[], bool]], Found],
    stopped: Callable[[], bool],
) -> Found:
    try:
        shell = connect()
        try:
            return work(shell, stopped)
        finally:
            close = getattr(shell, "close", None)
            if close is not None:
                close()
    except DeviceError as error:
        failed = [
            Measurement(
                name,
                entry.file,
                entry.runtime_mode,
                RUNTIMES[entry.runtime],
                entry.threads,
                error=str(error),
            )
            for entry in entries
        ]
        return Place(name, "not reached"), failed, [f"{name}: {error}"]
