"""Entries in turn."""

from __future__ import annotations

from typing import Any

import pytest

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.cool_down import CoolDown
from larq_bvit.bench.remote.readings import Readings
from larq_bvit.bench.remote.rounds import run_rounds
from larq_bvit.bench.remote.turn import Turn
from tests.bench.remote.scripted_shell import ScriptedShell


class _Job:
    takes_files = False


class _Turn(Turn):
    """Fails in its round `fails_in`; 0: never."""

    fails_in = 0

    def measure(self, *_: Any) -> None:
        self.notes.append("measured")
        if len(self.notes) == self.fails_in:
            self.error = "failed"


@pytest.mark.parametrize(
    ("fails_in", "waits", "rounds"), [(0, [5.0, 5.0], 3), (2, [5.0], 2), (1, [], 1)]
)
def test_machines_cool_down_between_rounds_alone(
    fails_in: int, waits: list[float], rounds: int
) -> None:
    """And not after the last one, which is read alike."""
    slept: list[float] = []
    site: Any = None
    job: Any = _Job()
    turn = _Turn(Entry("m", "xnnpack"), job)
    turn.fails_in = fails_in
    cool = CoolDown(ScriptedShell(), Readings(), 5.0, sleep=slept.append)
    run_rounds(site, [turn], {}, rounds=3, seconds=1.0, cool=cool, say=lambda _: None)
    assert slept == waits and len(turn.notes) == len(cool.readings) == rounds
