"""Cores for threads."""

from __future__ import annotations

import dataclasses

import pytest

from larq_bvit.bench.remote.device import describe
from larq_bvit.bench.remote.pinning import pin
from larq_bvit.bench.remote.shell import Answer
from tests.bench.remote.answers import BOARD, PHONE
from tests.bench.remote.scripted_shell import ScriptedShell

_DEVICE = describe(ScriptedShell({"": Answer(0, PHONE, "")}))


@pytest.mark.parametrize(
    ("threads", "prefix", "cores"),
    [(1, "taskset 80 ", (7,)), (2, "taskset c0 ", (6, 7)), (4, "taskset d8 ", (3, 4, 6, 7))],
)
def test_the_fastest_cores_as_many_as_threads(
    threads: int, prefix: str, cores: tuple[int, ...]
) -> None:
    found = pin(_DEVICE, threads)
    assert (found.prefix, found.cores) == (prefix, cores)


def test_notes_tell_what_makes_times_worse() -> None:
    assert pin(_DEVICE, 2).notes == ()
    assert pin(_DEVICE, 4).notes == ("its threads ran on cores of different speed",)
    assert pin(_DEVICE, 8).notes[0] == "8 threads on 7 cores"
    board = describe(ScriptedShell({"": Answer(0, BOARD, "")}))
    found = pin(board, 1)
    assert (found.prefix, found.cores) == ("", (3,))
    assert found.notes == ("not pinned to cores: the machine has no taskset",)
    equal = dataclasses.replace(board, tools=frozenset({"taskset"}))
    assert pin(equal, 3).notes == ()
