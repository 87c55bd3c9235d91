"""What machines are, by their answers."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from larq_bvit.bench.cpu import cpu
from larq_bvit.bench.remote.device import Core, describe
from larq_bvit.bench.remote.local_shell import LocalShell
from larq_bvit.bench.remote.pinning import notes
from larq_bvit.bench.remote.probe import FACTS, sections
from larq_bvit.bench.remote.shell import Answer, DeviceError
from tests.bench.remote.answers import BOARD, PHONE
from tests.bench.remote.scripted_shell import ScriptedShell


def _of(text: str) -> ScriptedShell:
    return ScriptedShell({"": Answer(0, text, "")})


def test_a_phone() -> None:
    device = describe(_of(PHONE.replace("\n", "\r\n").replace("\r\n", "\n")))
    assert device.name == "adb:S"
    assert device.abis == ("aarch64", "arm")
    assert device.model == "Google Pixel 6"
    assert device.processor == "1x Cortex-A55, 1x Cortex-X1"  # and not this computer's
    assert device.instructions == ("NEON", "dotprod")
    assert device.system == "Android 13, kernel 5.10.149, aarch64"
    assert device.memory == 7749732 * 1024
    assert (device.governor, device.load) == ("sched_pixel", 12.04)
    assert device.tools == {"taskset", "timeout", "sha256sum"}
    assert [core.number for core in device.cores] == [0, 1, 2, 3, 4, 6, 7]  # 5 is off
    assert device.cores[4] == Core(4, 2253000, 510)
    assert not device.busy  # Android's load counts what waits for hardware


def test_the_fastest_cores_come_first_and_of_equal_ones_the_last() -> None:
    device = describe(_of(PHONE))
    assert [core.number for core in device.fastest(4)] == [7, 6, 4, 3]
    assert len(device.fastest(99)) == 7


def test_threads_of_one_core_are_not_two_cores() -> None:
    """Two cores of two threads, fast ones, one of them favoured, and two slow ones of one."""
    siblings = "0-1", "0-1", "2-3", "2-3", "4", "5"
    speeds = [4000] * 2 + [4100] * 2 + [3000] * 2
    lines = [f"{n}:{k}::1:{s}" for n, (k, s) in enumerate(zip(speeds, siblings, strict=True))]
    before, _, after = PHONE.partition("@@cores\n")
    text = before + "@@cores\n" + "\n".join(lines)
    device = describe(_of(text + "\n@@tools" + after.partition("@@tools")[2]))
    assert [core.number for core in device.fastest(2)] == [3, 1]
    assert [core.number for core in device.fastest(5)] == [3, 1, 5, 4, 2]
    assert notes(device, 2) == ("its threads ran on cores of different speed",)
    assert notes(device, 5)[1] == "threads of it shared a core"


def test_a_board_with_programs_of_32_bits() -> None:
    device = describe(_of(BOARD))
    assert device.abis == ("arm",)
    assert device.model == "Raspberry Pi 4 Model B Rev 1.4"
    assert device.processor == "BCM2711 (1x Cortex-A72)"
    assert device.instructions == ("NEON",)
    assert device.system == "Raspbian GNU/Linux 11 (bullseye), kernel 6.1.21, aarch64"
    assert device.cores == (Core(1), Core(2), Core(3))
    assert (device.android, device.governor, device.tools) == ("", None, frozenset())
    assert device.busy  # 3.9 on three cores


def test_files_whose_last_line_has_no_end(tmp_path: Path) -> None:
    """A device tree ends by a zero byte; editors leave the newline off."""
    facts = FACTS
    for file, text in (
        ("/proc/device-tree/model", "Board 5\0"),
        ("/etc/os-release", 'PRETTY_NAME="Tiny 1"'),
        ("/proc/meminfo", "MemTotal: 2 kB"),
    ):
        own = tmp_path / Path(file).name
        own.write_text(text)
        assert file in facts
        facts = facts.replace(file, str(own))
    told = sections(LocalShell().run(facts).output)
    assert (told["board"], told["system"]) == ("Board 5", 'PRETTY_NAME="Tiny 1"')
    assert told["memory"] == "MemTotal: 2 kB" and told["cpuinfo"] and told["load"]


def test_an_answer_with_a_hole() -> None:
    device = describe(_of(PHONE.replace("@@system\n", "").replace("@@load\n", "")))
    assert (device.load, device.governor) == (None, "sched_pixel")


def test_a_place_for_results() -> None:
    place = describe(_of(PHONE)).place()
    assert place.name == "adb:S"
    assert place.about == (
        "Google Pixel 6: 1x Cortex-A55, 1x Cortex-X1 at 2.80 and 2.25 and 1.80 GHz (governor "
        "sched_pixel), NEON, dotprod; 7 cores, 7.4 GiB, load average 12.0; Android 13, kernel "
        "5.10.149, aarch64"
    )
    assert place.facts["cores"] == 7 and place.facts["clocks_mhz"][-1] == 2802.0


def test_what_a_machine_does_not_tell_is_left_out() -> None:
    silent = "".join(f"@@{line[2:]}\n" for line in PHONE.splitlines() if line.startswith("@@"))
    device = describe(_of(silent.replace("@@kernel\n", "@@kernel\nLinux\n")))
    assert device.cores == (Core(0),)
    assert (device.memory, device.load, device.processor) == (None, None, "")
    assert str(device).startswith("processor unknown, instructions unknown; 1 cores")


def test_no_shell_and_no_linux() -> None:
    with pytest.raises(
        DeviceError, match="does not answer as a POSIX shell does; got: 'no sh here'"
    ):
        describe(ScriptedShell({"": Answer(127, "", "no sh here\n")}))
    with pytest.raises(DeviceError, match="expected Linux or Android; got 'FreeBSD'"):
        describe(_of(PHONE.replace("Linux", "FreeBSD", 1)))


def test_old_adb_takes_no_longer_lines() -> None:
    assert len(FACTS) < 3500  # of the 4,096 bytes that it has for a command and its marks


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux")
def test_this_machine_is_what_it_is() -> None:
    import os

    device = describe(LocalShell())
    assert device.abis == (platform.machine(),)
    assert {core.number for core in device.cores} == os.sched_getaffinity(0)
    assert device.instructions == cpu().instructions
    assert device.memory == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert platform.release().split("-")[0] in device.system
