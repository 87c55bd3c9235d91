"""Several machines at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.errors import GoneError, StoppedError
from larq_bvit.bench.remote.several import Found, measure_several
from larq_bvit.bench.remote.shell import DeviceError, Shell
from larq_bvit.bench.results import Measurement, Place
from tests.bench.remote.scripted_shell import ScriptedShell

_ENTRIES = (Entry("a", "delegate"), Entry("a", "lce", "indirect", 2))


def _shell(name: str) -> ScriptedShell:
    shell = ScriptedShell()
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
def test_one_that_fails_does_not_stop_the_others(at: str) -> None:
    def fail(*_: object) -> Shell:
        raise GoneError("b is gone; plug it in")

    def work(shell: Shell, stopped: Callable[[], bool]) -> Found:
        if shell.name == "b":
            fail()
        return _work(shell, stopped)

    machines = {"a": lambda: _shell("a"), "b": fail if at == "connect" else lambda: _shell("b")}
    places, measured, warnings = measure_several(machines, _ENTRIES, work)
    assert [place.name for place in places] == ["a", "b"]
    assert [m.error for m in measured] == [None, None, *["b is gone; plug it in"] * 2]
    assert [(m.file, m.runtime, m.threads) for m in measured[2:]] == [
        ("a", "delegate", 1),
        ("a", "lce:indirect", 2),
    ]
    assert warnings == ["a: warm", "b: b is gone; plug it in"]


def test_connections_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []

    class Closing(ScriptedShell):
        def close(self) -> None:
            closed.append(self.name)

    def work(shell: Shell, stopped: Callable[[], bool]) -> Found:
        raise DeviceError("no")

    measure_several({"x": Closing}, _ENTRIES, work)
    assert closed == ["adb:S"]


def test_ctrl_c_lets_each_clean_up(monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned = []

    def work(shell: Shell, stopped: Callable[[], bool]) -> Found:
        try:
            end = time.monotonic() + 20
            while not stopped() and time.monotonic() < end:
                time.sleep(0.01)
            raise StoppedError
        finally:
            cleaned.append(shell.name)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("larq_bvit.bench.remote.several.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        measure_several({"a": lambda: _shell("a"), "b": lambda: _shell("b")}, _ENTRIES, work)
    assert sorted(cleaned) == ["a", "b"]
