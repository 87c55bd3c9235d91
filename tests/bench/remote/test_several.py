"""Several machines at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote import several
from larq_bvit.bench.remote.errors import GoneError, StoppedError
from larq_bvit.bench.remote.local_shell import LocalShell
from larq_bvit.bench.remote.same_machine import identity
from larq_bvit.bench.remote.several import Found, measure_several
from larq_bvit.bench.remote.shell import Answer, DeviceError, Shell
from larq_bvit.bench.results import Measurement, Place
from tests.bench.remote.scripted_shell import ScriptedShell

_ENTRIES = (Entry("a", "delegate"), Entry("a", "lce", "indirect", 2))


def _shell(name: str, boot: str = "") -> ScriptedShell:
    """A machine; without `boot` it does not tell when it was started."""
    shell = ScriptedShell({"boot_id": Answer(0, f"{boot}\n", "")})
    shell.name = name
    return shell


def _work(shell: Shell, stopped: Callable[[], bool]) -> Found:
    found = [Measurement(shell.name, e.file, e.runtime_mode, "x", e.threads) for e in _ENTRIES]
    return Place(shell.name, "about"), found, [f"{shell.name}: warm"]


def test_they_work_at_the_same_time_and_are_told_in_order() -> None:
    together = threading.Barrier(2, timeout=10)

    def work(shell: Shell, stopped: Callable[[], bool]) -> Found:
        together.wait()  # nobody goes on alone
        time.sleep(0.05 if shell.name == "a" else 0)
        return _work(shell, stopped)

    machines = {"a": lambda: _shell("a"), "b": lambda: _shell("b")}
    places, measured, warnings = measure_several(machines, _ENTRIES, work)
    assert [place.name for place in places] == ["a", "b"]
    assert [m.place for m in measured] == ["a", "a", "b", "b"]
    assert warnings == ["a: warm", "b: warm"]


@pytest.mark.parametrize("at", ["connect", "work"])
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (GoneError("b is gone; plug it in"), "b is gone; plug it in"),
        (ZeroDivisionError("no luck"), "ZeroDivisionError: no luck"),  # whatever it is
    ],
)
def test_one_that_fails_does_not_stop_the_others(at: str, error: Exception, words: str) -> None:
    def fail(*_: object) -> Shell:
        raise error

    def work(shell: Shell, stopped: Callable[[], bool]) -> Found:
        if shell.name == "b":
            fail()
        return _work(shell, stopped)

    machines = {"a": lambda: _shell("a"), "b": fail if at == "connect" else lambda: _shell("b")}
    places, measured, warnings = measure_several(machines, _ENTRIES, work)
    assert [place.name for place in places] == ["a", "b"]
    assert places[1].about == ("not reached" if at == "connect" else "not measured")
    assert [m.error for m in measured] == [None, None, words, words]
    assert [(m.file, m.runtime, m.threads) for m in measured[2:]] == [
        ("a", "delegate", 1),
        ("a", "lce:indirect", 2),
    ]
    assert warnings == ["a: warm", f"b: {words}"]


_BOOT, _OTHER = "01234567-89ab-cdef-0123-456789abcdef", "11234567-89ab-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    ("names", "boots", "measured"),
    [
        (("adb:S1", "adb:S1"), ("", ""), ["adb:S1"]),  # --on adb --on adb:S1
        (("ssh:pi", "ssh:user@pi"), (_BOOT, _BOOT), ["ssh:pi"]),
        (("ssh:a", "ssh:b"), (_BOOT, _OTHER), ["ssh:a", "ssh:b"]),
        (("adb:1", "adb:2"), ("", ""), ["adb:1", "adb:2"]),  # neither tells
        (("adb:1", "adb:2"), ("Permission denied",) * 2, ["adb:1", "adb:2"]),
    ],
)
def test_a_machine_of_two_names_is_measured_once(
    names: tuple[str, str], boots: tuple[str, str], measured: list[str]
) -> None:
    first, second = (_shell(*each) for each in zip(names, boots, strict=True))
    places, found, warnings = measure_several(
        {"one": lambda: first, "two": lambda: second}, _ENTRIES, _work
    )
    assert [place.name for place in places] == measured
    assert len(found) == 2 * len(measured)
    twice = [w for w in warnings if "warm" not in w]
    assert twice == ["two is the same machine as one, so it was measured once"] * (
        2 - len(measured)
    )


def test_this_machine_tells_who_it_is() -> None:
    assert identity(LocalShell()) == identity(LocalShell())
    if Path("/proc/sys/kernel/random/boot_id").exists():
        assert identity(LocalShell()) == Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def test_connections_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []

    class Closing(ScriptedShell):
        def close(self) -> None:
            closed.append(self.name)

    def work(shell: Shell, stopped: Callable[[], bool]) -> Found:
        assert not closed
        raise DeviceError("no")

    # the second is the same machine, and is closed, too
    measure_several({"x": Closing, "y": Closing}, _ENTRIES, work)
    assert closed == ["adb:S", "adb:S"]


def test_connections_are_closed_when_the_user_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []

    class Closing(ScriptedShell):
        def close(self) -> None:
            closed.append(self.name)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("larq_bvit.bench.remote.several.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        measure_several({"x": Closing}, _ENTRIES, _work)
    assert closed == ["adb:S"]


def test_ctrl_c_lets_each_clean_up(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, cleaned = [], []

    def work(shell: Shell, stopped: Callable[[], bool]) -> Found:
        begun.append(shell.name)
        try:
            end = time.monotonic() + 20
            while not stopped() and time.monotonic() < end:
                time.sleep(0.01)
            raise StoppedError
        finally:
            cleaned.append(shell.name)

    waits, real = [], several.wait

    def interrupted(waiting: set[Any], timeout: float) -> object:
        if not all(future.done() for future in waiting) and len(begun) == 2:
            waits.append(1)
            raise KeyboardInterrupt
        return real(waiting, timeout=0.01)

    monkeypatch.setattr(several, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        measure_several({"a": lambda: _shell("a"), "b": lambda: _shell("b")}, _ENTRIES, work)
    assert waits and sorted(cleaned) == ["a", "b"]
