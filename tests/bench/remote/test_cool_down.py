"""Waits for a cool machine, but not for ever."""

from __future__ import annotations

from larq_bvit.bench.remote.cool_down import CoolDown
from larq_bvit.bench.remote.readings import Readings
from larq_bvit.bench.remote.shell import Answer
from tests.bench.remote.scripted_shell import ScriptedShell

_START = Readings({"cpu": 30.0})


def _machine(temperatures: list[int]) -> ScriptedShell:
    """It has these, one after another; the last one stays."""

    def reply(_: str) -> Answer:
        now = temperatures.pop(0) if len(temperatures) > 1 else temperatures[0]
        return Answer(0, f"@@clocks\n@@zones\n{now}000:cpu\n@@battery\n@@end\n", "")

    return ScriptedShell({"": reply})


def test_a_cool_machine_goes_on_at_once() -> None:
    slept: list[float] = []
    cool = CoolDown(_machine([33]), _START, sleep=slept.append)
    cool.wait()
    assert slept == [] and cool.readings == [Readings({"cpu": 33.0})]


def test_a_hot_one_waits_until_it_is_near_the_start() -> None:
    slept: list[float] = []
    cool = CoolDown(_machine([50, 45, 40, 33, 99]), _START, sleep=slept.append)
    cool.wait()
    assert slept == [2.0, 2.0, 2.0]
    assert cool.readings == [Readings({"cpu": 50.0})]  # as the runs have left it


def test_one_that_stays_hot_waits_thirty_seconds_and_three_minutes_in_all() -> None:
    slept: list[float] = []
    cool = CoolDown(_machine([70]), _START, sleep=slept.append)
    cool.wait()
    assert sum(slept) == 30
    for _ in range(20):
        cool.wait()
    assert sum(slept) == 180


def test_given_seconds_are_waited_whatever_the_heat() -> None:
    slept: list[float] = []
    CoolDown(_machine([70]), _START, 7.5, sleep=slept.append).wait()
    assert slept == [7.5]


def test_without_a_thermometer_it_goes_on() -> None:
    slept: list[float] = []
    CoolDown(_machine([70]), Readings(), sleep=slept.append).wait()
    assert slept == []
