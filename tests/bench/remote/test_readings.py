"""Heat, clocks and battery."""

from __future__ import annotations

from larq_bvit.bench.remote.local_shell import LocalShell
from larq_bvit.bench.remote.readings import Readings, read, warnings, worst
from larq_bvit.bench.remote.shell import Answer
from tests.bench.remote.answers import READINGS
from tests.bench.remote.scripted_shell import ScriptedShell


def test_units_differ_and_dead_zones_tell_nothing() -> None:
    found = read(ScriptedShell({"": Answer(0, READINGS, "")}))
    zones = {"BIG": 31.5, "LITTLE": 29.0, "battery": 41.2, "quiet": 55.0, "gpu": 37.0}
    assert found == Readings(zones, {0: 300000, 6: 2802000}, {0: 1803000, 6: 2802000}, 64)
    assert found.hottest == ("BIG", 31.5)  # a processor's zone, though others are hotter


def test_a_charge_is_no_temperature() -> None:
    """Qualcomm's driver of the battery has zones, too, the charge in per cent."""
    zones = "40000:cpu-0-0\n85:soc\n90:socd\n2100:bcl_ibat_lvl0\n3900:vbat\n45000:soc-thermal"
    found = read(ScriptedShell({"": Answer(0, f"@@zones\n{zones}\n@@end\n", "")}))
    assert found.celsius == {"cpu-0-0": 40.0, "soc-thermal": 45.0}


def test_without_names_of_processors_all_zones_count() -> None:
    assert Readings({"zone-a": 20.0, "zone-b": 30.0}).hottest == ("zone-b", 30.0)
    assert Readings().hottest is None


def test_a_charging_battery_does_not_matter() -> None:
    text = READINGS.replace("Discharging", "Charging")
    assert read(ScriptedShell({"": Answer(0, text, "")})).battery is None


def test_this_machine_can_be_asked() -> None:
    assert isinstance(read(LocalShell()), Readings)


def test_a_machine_that_says_nothing() -> None:
    assert read(ScriptedShell({"": Answer(127, "", "no")})) == Readings()


def test_the_worst_of_several() -> None:
    a = Readings({"cpu": 40.0}, {0: 5}, {0: 9}, 50)
    b = Readings({"cpu": 50.0, "x": 1.0}, {0: 7}, {0: 6}, None)
    assert worst([a, b]) == Readings({"cpu": 50.0, "x": 1.0}, {0: 5}, {0: 6}, 50)


def test_heat_throttling_and_an_empty_battery_are_told() -> None:
    start = Readings({"cpu": 30.0}, {}, {7: 2800000, 6: 2800000})
    assert warnings(start, Readings({"cpu": 39.0}, {}, {7: 2800000}, 16), [7]) == []
    hot = Readings({"cpu": 55.0}, {}, {7: 1800000, 6: 1800000}, 15)
    heat, throttles, battery = warnings(start, hot, [6, 7])
    assert heat == "it became hotter: 30 to 55 degrees C (cpu)"
    assert throttles.startswith("it throttles: core 6 may run at 1.80 GHz, at the start at 2.80;")
    assert battery == "its battery is at 15%, at which phones save; charge it"
    assert len(warnings(start, hot, [0])) == 2  # other cores than those that were used
