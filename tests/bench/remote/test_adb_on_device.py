"""adb against Debian's adbd, whose device is for aarch64 under qemu: see adb_device/start.sh."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote import adb
from larq_bvit.bench.remote.device import Core, describe
from larq_bvit.bench.remote.errors import GoneError, NoSpaceError, TimedOutError
from larq_bvit.bench.remote.flow import measure
from larq_bvit.bench.remote.folder import open_folder
from larq_bvit.bench.remote.programs import Programs
from larq_bvit.bench.remote.readings import read
from larq_bvit.bench.remote.several import measure_several
from larq_bvit.bench.remote.shell import DeviceError
from larq_bvit.bench.results import Place
from tests.bench.remote.adb_device.device import PACKAGES, PORTS, SERIALS, Phone, missing
from tests.bench.remote.test_elf import write_elf

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "present")

_BUILD = Path(os.environ.get("LARQ_BVIT_ARM", PACKAGES.parent / "arm" / "build"))
_LIBRARY = PACKAGES / "aarch64/lib/libtensorflowlite_c.so"
_RUNNER, _DELEGATE = _BUILD / "larq_bvit_runner", _BUILD / "liblarq_bvit_delegate.so"
_MODEL = PACKAGES / "nano.tflite"
_absent = [str(path) for path in (_LIBRARY, _RUNNER, _DELEGATE, _MODEL) if not path.exists()]
needs_programs = pytest.mark.skipif(
    bool(_absent), reason=f"no {', '.join(_absent)}; make test-adb builds them"
)


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    with Phone(tmp_path_factory.mktemp("phone")) as running:
        yield running


@pytest.fixture(autouse=True)
def _on_path(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{phone.path}:{os.environ['PATH']}")
    monkeypatch.delenv("ANDROID_SERIAL", raising=False)


@pytest.fixture
def shell() -> adb.AdbShell:
    return adb.connect(SERIALS[0])


def test_commands_give_status_and_both_streams(shell: adb.AdbShell) -> None:
    assert shell.name == f"adb:{SERIALS[0]}"
    answer = shell.run("uname -m; echo err >&2; exit 7")
    assert (answer.status, answer.output, answer.errors) == (7, "aarch64\n", "err\n")
    assert shell.run("sh -c 'kill -9 $$'").status == 137
    assert shell.run("kill -9 $$").status == 137  # with it the end of the output


def test_it_is_described(shell: adb.AdbShell) -> None:
    device = describe(shell)
    assert (device.abis, device.android, device.model) == (("aarch64",), "14", "Nobody Phone 1")
    assert "NEON" in device.instructions and device.tools == {"taskset", "timeout", "sha256sum"}
    known = {0: Core(0, 1800000), 1: Core(1, 2800000)}
    assert device.cores == tuple(known[n] for n in sorted(os.sched_getaffinity(0) & {0, 1}))
    readings = read(shell)
    assert (readings.celsius, readings.battery) == ({"cpu-0-0": 31.5}, 80)
    assert readings.khz == readings.allowed_khz == {0: 1800000, 1: 2800000}


def test_files_go_and_come(shell: adb.AdbShell, phone: Phone, tmp_path: Path) -> None:
    here, back = tmp_path / "here", tmp_path / "back"
    here.write_bytes(os.urandom(300_000))
    shell.push(here, "/data/local/tmp/a file")
    shell.pull("/data/local/tmp/a file", back)
    assert back.read_bytes() == here.read_bytes()
    assert phone.file("/data/local/tmp/a file").read_bytes() == here.read_bytes()
    shell.run("rm '/data/local/tmp/a file'")
    with pytest.raises(DeviceError, match="refused to pull /data/local/tmp/a file: .*No such file"):
        shell.pull("/data/local/tmp/a file", back)
    with pytest.raises(DeviceError, match="refused to push here to /proc/x"):
        shell.push(here, "/proc/x")


def test_a_full_device(shell: adb.AdbShell, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(os.urandom(3 << 20))
    with pytest.raises(NoSpaceError, match="has no space to push big to /data/small/big"):
        shell.push(tmp_path / "big", "/data/small/big")
    shell.run("rm -f /data/small/big")
    folder = open_folder(shell, android=True, where="/data/small/folder")
    with (
        pytest.raises(NoSpaceError, match="MB free in /data/small/folder, and big needs 3.1"),
        folder,
    ):
        folder.put(tmp_path / "big")
    assert shell.run("ls /data/small").output == ""


def test_a_folder_without_programs(shell: adb.AdbShell) -> None:
    with pytest.raises(
        DeviceError, match=r"/data/noexec/x allows no programs \(mounted noexec\?\)"
    ):
        open_folder(shell, android=True, where="/data/noexec/x")


def test_a_command_that_takes_too_long_does_not_stay(shell: adb.AdbShell) -> None:
    start = time.monotonic()
    with pytest.raises(TimedOutError, match="did not end 'adb shell' in 1 s"):
        shell.run("sleep 4321", timeout=1)
    assert time.monotonic() - start < 10
    end = time.monotonic() + 10  # adbd ends what its client has left
    while "4321" in (left := shell.run("ps -A -o ARGS | grep '[s]leep 4321'").output):
        assert time.monotonic() < end, left


@needs_programs
def test_a_model_runs_there_as_here(shell: adb.AdbShell, phone: Phone) -> None:
    from larq_bvit.runtime import Interpreter

    image = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)
    expected = Interpreter(str(_MODEL)).predict(image)
    entries = [Entry("nano", "delegate"), Entry("nano", "delegate", "portable", 2)]
    entries += [Entry("nano", "xnnpack"), Entry("nano", "lce"), Entry("nano", "delegate", "avx2")]
    place, found, warnings = _measure(shell, entries, {"nano": image.tobytes()}, {"nano": expected})
    assert place.name == f"adb:{SERIALS[0]}" and "Android 14" in place.about
    for when in ("start", "worst"):
        readings = place.facts["readings"][when]
        assert readings["celsius"] == {"cpu-0-0": 31.5}
        assert readings["mhz"] == {"0": 1800.0, "1": 2800.0} and readings["battery"] == 80
    for measured in found[:2]:
        assert measured.error is None, measured.error
        assert measured.cosine is not None and measured.cosine > 0.99999
        assert measured.steady is not None and len(measured.steady.samples) == 2
        assert measured.init and measured.first and measured.activation_bytes and measured.profile
        assert measured.about.endswith("(TensorFlow Lite 2.9.0)")
    assert [m.instructions for m in found[:2]] == ["NEON", "portable C++"]
    assert "no operator LceQuantize; run this file by --runtime delegate" in (found[2].error or "")
    assert "--binary lce_benchmark_model" in (found[3].error or "")
    assert "option isa must be one of" in (found[4].error or "")
    assert shell.run("ls /data/local/tmp").output == ""
    # the comparison can fail
    (other,) = _measure(shell, entries[:1], {"nano": (-image).tobytes()}, {"nano": expected})[1]
    assert other.cosine is not None and other.cosine < 0.9995


@needs_programs
def test_files_for_other_machines(shell: adb.AdbShell, tmp_path: Path) -> None:
    foreign = write_elf(tmp_path / "larq_bvit_runner", 62)
    only = Programs((), (_LIBRARY,), (foreign,), (_DELEGATE,))
    entry = [Entry("nano", "delegate")]
    (found,) = measure(shell, {"nano": _MODEL}, entry, programs=only, rounds=1)[1]
    assert "is for x86_64, and adb:localhost:6001 runs aarch64; give one" in (found.error or "")


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (8, "is for another processor: it is a 64-bit ELF file"),
        (62, "does not start"),  # a loader that is not there
    ],
)
def test_what_the_devices_own_shell_says_of_wrong_programs(
    shell: adb.AdbShell, tmp_path: Path, machine: int, words: str
) -> None:
    from larq_bvit.bench.remote.failures import explain

    program = write_elf(tmp_path / "program", machine, "/system/bin/linker64")
    with open_folder(shell, android=True) as folder:
        answer = shell.run(folder.put(program, executable=True))
        plain = shell.run(folder.put(Path(__file__)))
    assert words in explain(Entry("f", "delegate"), answer, "program")
    assert "may not be executed there" in explain(Entry("f", "delegate"), plain, "program")


def test_a_device_of_two_names_is_measured_once(phone: Phone) -> None:
    machines = {"adb": adb.connect, f"adb:{SERIALS[0]}": lambda: adb.connect(SERIALS[0])}
    places, _, warnings = measure_several(
        machines, [], lambda shell, stopped: (Place(shell.name, ""), [], [])
    )
    assert [place.name for place in places] == [f"adb:{SERIALS[0]}"]
    assert warnings == [f"adb:{SERIALS[0]} is the same machine as adb, so it was measured once"]


@needs_programs
def test_several_devices_at_once(phone: Phone) -> None:
    phone.wait_for(PORTS[1])
    try:
        with pytest.raises(DeviceError, match="adb has 2 devices: localhost:600.* say which: --on"):
            adb.connect()
        entry = [Entry("nano", "delegate")]
        machines = {f"adb:{s}": lambda s=s: adb.connect(s) for s in (*SERIALS, "localhost:1")}
        places, found, warnings = measure_several(
            machines,
            entry,
            # in one folder: both have the same disk
            lambda shell, stopped: _measure(shell, entry, {}, {}),
        )
    finally:
        phone.adb("disconnect", SERIALS[1])
    assert [place.name for place in places] == list(machines)
    assert [m.error is None for m in found] == [True, True, False]
    assert "adb can't connect to localhost:1: " in (found[2].error or "")


def test_no_device_then(phone: Phone) -> None:
    phone.adb("disconnect")
    try:
        with pytest.raises(DeviceError, match="adb finds no device; connect one by USB"):
            adb.connect()
    finally:
        phone.wait_for(PORTS[0])


@needs_programs
def test_a_device_that_goes_in_the_middle(phone: Phone) -> None:
    """The last test: it takes the first adbd away."""
    shell, said = adb.connect(SERIALS[0]), list[str]()

    def say(text: str) -> None:
        said.append(text)
        if text.startswith("round 2"):
            phone.kill_adbd(PORTS[0])

    entries = [Entry("nano", "delegate")]
    _, found, warnings = measure(
        shell,
        {"nano": _MODEL},
        entries,
        programs=_programs(),
        rounds=3,
        say=say,
        seconds_per_round=0.05,
    )
    assert found[0].steady is not None and len(found[0].steady.samples) == 1
    assert "1 of 3 rounds: device localhost:6001 is gone" in found[0].notes[-1]
    assert any("is gone" in w and "check cable" in w for w in warnings)
    assert any("files are left in /data/local/tmp/larq_bvit/run-" in w for w in warnings)
    with pytest.raises(GoneError):
        shell.push(_MODEL, "/data/local/tmp/x")
    with pytest.raises(DeviceError):
        adb.connect(SERIALS[0])


def _programs() -> Programs:
    return Programs((), (_LIBRARY,), (_RUNNER,), (_DELEGATE,))


def _measure(shell, entries, inputs, expected, **options):  # type: ignore[no-untyped-def]
    return measure(
        shell,
        {"nano": _MODEL},
        entries,
        programs=_programs(),
        rounds=2,
        seconds_per_round=0.05,
        profile=True,
        inputs=inputs,
        expected=expected,
        **options,
    )
