"""The whole flow on this machine, with programs of sh that do what a "model" says."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.errors import GoneError, NoSpaceError, StoppedError
from larq_bvit.bench.remote.flow import measure
from larq_bvit.bench.remote.shell import Answer, DeviceError
from larq_bvit.bench.results import Measurement
from tests.bench.remote.scripted_programs import benchmark_model, programs
from tests.bench.remote.scripted_shell import ScriptedShell

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux")

_GONE = GoneError("device S is gone")


class _Bench:
    """A folder for the "machine", and models that are lines of sh."""

    def __init__(self, folder: Path) -> None:
        self.here, self.there = folder / "here", folder / "there"
        self.here.mkdir()
        self.shell = ScriptedShell()
        self.said: list[str] = []
        self.warnings: list[str] = []

    def measure(
        self, models: dict[str, str], entries: list[Entry], **options: Any
    ) -> list[Measurement]:
        files = {}
        for name, text in models.items():
            files[name] = self.here / f"{name}.tflite"
            files[name].write_text(text)
        chosen = {"programs": programs(self.here), "rounds": 2, **options}
        place, found, self.warnings = measure(
            self.shell, files, entries, where=str(self.there), say=self.said.append, **chosen
        )
        assert place.name == "adb:S"
        assert not self.there.exists() or options.get("keep")  # nothing stays
        return found


@pytest.fixture
def bench(tmp_path: Path) -> _Bench:
    return _Bench(tmp_path)


def test_an_entry_has_all_that_its_program_tells(bench: _Bench) -> None:
    (found,) = bench.measure({"m": "us=1500"}, [Entry("m", "delegate", "portable")], profile=True)
    assert (found.place, found.file, found.runtime) == ("adb:S", "m", "delegate:portable")
    assert found.about == "stock TensorFlow Lite with larq_bvit's delegate (TensorFlow Lite 2.9.0)"
    assert (found.init, found.first) == (0.005, 0.002)
    assert found.steady is not None and found.steady.samples == (0.0015, 0.0015)  # medians
    assert (found.peak_memory, found.activation_bytes) == (256 * 1024, 12)
    assert found.instructions == "portable C++"
    assert [row.kind for row in found.profile] == ["binary product", "not in the delegate"]
    assert found.profile[0].milliseconds == 1.0
    assert (found.error, found.cosine) == (None, None)
    assert re.fullmatch(
        r"adb -s S shell 'taskset \w+ \S+larq_bvit_runner --library \S+ --model \S+m.tflite "
        r"--threads 1 --warmup-runs 1 --runs 3 --seconds 1 --delegate \S+ "
        r"--delegate-options isa:portable'",
        found.command,
    )


def test_each_round_has_every_entry_in_another_order(bench: _Bench) -> None:
    entries = [Entry(name, "xnnpack") for name in "abcdefgh"]
    bench.measure({name: f": {name}" for name in "abcdefgh"}, entries, rounds=4)
    timed = [c for c in bench.shell.commands if "--seconds 1" in c]
    order = [re.search(r"(\w)\.tflite", command)[1] for command in timed]  # type: ignore[index]
    rounds = [order[i : i + 8] for i in range(0, 32, 8)]
    assert all(sorted(each) == list("abcdefgh") for each in rounds)
    assert len({tuple(each) for each in rounds}) > 1
    assert [s for s in bench.said if "round" in s] == [
        f"round {i} of 4, 8 entries" for i in (1, 2, 3, 4)
    ]


def test_a_process_has_as_many_cores_as_threads_and_a_time_limit(bench: _Bench) -> None:
    core = max(os.sched_getaffinity(0))
    (found,) = bench.measure(
        {"m": f'grep -q "Cpus_allowed_list:.{core}$" /proc/self/status || exit 9'},
        [Entry("m", "xnnpack")],
        timeout=33,
    )
    assert found.error is None
    assert any(c.startswith(f"timeout 33 taskset {1 << core:x} ") for c in bench.shell.commands)


def test_failures_of_one_entry_leave_the_others_alone(bench: _Bench) -> None:
    models = {
        "good": "",
        "killed": "kill -9 $$",
        "operator": "echo 'ERROR: Encountered unresolved custom op: LceQuantize.' >&2; exit 1",
        "garbled": "echo garbled; exit 0",
        "slow": "sleep 20",
        "crash": "kill -SEGV $$",
        "later": "case $seconds in 0) ;; *) kill -9 $$ ;; esac",
    }
    found = bench.measure(models, [Entry(name, "xnnpack") for name in models], timeout=1)
    assert [m.file for m in found] == list(models)
    assert found[0].error is None and found[0].steady is not None
    reasons = [
        "larq_bvit_runner was killed (status 137), as machines do that run out of memory",
        "stock TensorFlow Lite has no operator LceQuantize; run this file by --runtime delegate",
        "expected a line of JSON of larq_bvit_runner; got 'garbled'",
        "larq_bvit_runner hangs or is slow: it took more than 1 s; give more time by --timeout",
        "larq_bvit_runner crashed (segmentation fault)",
        "larq_bvit_runner was killed (status 137), as machines do that run out of memory",
    ]
    for measured, reason in zip(found[1:], reasons, strict=True):
        assert measured.steady is None and reason in (measured.error or ""), measured


def test_outputs_are_compared(bench: _Bench) -> None:
    expected = np.array([[3.0, -4.0]], np.float32)
    inputs = np.array([3.0, -4.0], np.float32).tobytes()
    models = {
        "same": '[ -z "$out" ] || cp "$input" "$out"',
        "turned": '[ -z "$out" ] || { tail -c 4 "$input"; head -c 4 "$input"; } > "$out"',
        "short": '[ -z "$out" ] || printf x > "$out"',
        "none": "",
    }
    found = bench.measure(
        models,
        [Entry(name, "xnnpack") for name in models],
        inputs=dict.fromkeys(models, inputs),
        expected=dict.fromkeys(models, expected),
    )
    assert [m.cosine for m in found] == [1.0, pytest.approx(-0.96), None, None]
    assert "expected an output of 8 bytes; got 1 bytes" in found[2].notes
    assert "expected an output of 8 bytes; got none" in found[3].notes
    assert all(m.steady is not None for m in found)


def test_without_a_program_the_error_says_which_option(bench: _Bench) -> None:
    entries = [Entry("m", "lce"), Entry("m", "delegate"), Entry("m", "xnnpack")]
    none = programs(bench.here, library=False)
    lce, delegate, xnnpack = bench.measure({"m": ""}, entries, programs=none)
    assert "--binary lce_benchmark_model" in (lce.error or "")
    for each in (delegate, xnnpack):
        assert "by --tflite-lib, or TensorFlow Lite's benchmark_model by --binary" in (
            each.error or ""
        )


def test_benchmark_programs_serve_what_they_can(bench: _Bench) -> None:
    lce = benchmark_model(bench.here / "lce_benchmark_model", "help_lce_2023.txt", "lce_2023.txt")
    stock = benchmark_model(bench.here / "benchmark_model", "help_2023.txt", "delegate_2023.txt")
    both = programs(bench.here, binaries=(lce, stock), library=False)
    entries = [Entry("m", "lce", "indirect"), Entry("m", "delegate", "avx2")]
    found = bench.measure({"m": ""}, entries, programs=both)
    assert [m.error for m in found] == [None, None]
    assert "lce_benchmark_model --graph=" in found[0].command
    assert "--use_indirect_bgemm=true" in found[0].command
    assert "benchmark_model --graph=" in found[1].command and "-lce_" not in found[1].command
    assert "--external_delegate_options=isa:avx2" in found[1].command
    assert all(m.steady is not None and m.steady.median > 0 and m.init for m in found)
    assert "lce_benchmark_model tells means, no medians" in found[0].notes
    assert found[0].about == "Larq Compute Engine (by the given lce_benchmark_model)"
    assert sum("--help" in command for command in bench.shell.commands) == 2


def test_a_program_of_another_machine_is_not_even_copied(bench: _Bench) -> None:
    from tests.bench.remote.test_elf import write_elf

    other = write_elf(bench.here / "benchmark_model", 8)
    given = programs(bench.here, binaries=(other,), library=False)
    (found,) = bench.measure({"m": ""}, [Entry("m", "xnnpack")], programs=given)
    assert re.search(
        r"benchmark_model is for machine 8, and adb:S runs \w+; give one", found.error or ""
    )
    assert bench.shell.pushed == []


def test_a_full_machine_is_the_error_of_what_does_not_fit(bench: _Bench) -> None:
    bench.shell.replies["push"] = NoSpaceError("device S has no space to push x; free some")
    (found,) = bench.measure({"m": ""}, [Entry("m", "xnnpack")])
    assert found.error == "device S has no space to push x; free some"


def test_a_machine_that_goes_in_the_middle_keeps_what_it_gave(bench: _Bench) -> None:
    timed = 0

    def third(command: str) -> Answer | None:
        nonlocal timed
        timed += "--seconds 1" in command
        if timed > 3:  # from then on nothing is answered
            raise _GONE
        return None

    bench.shell.replies[""] = third
    models = {"a": "", "b": ""}
    found, warnings = [], []
    files = {name: bench.here / name for name in models}
    for name, text in models.items():
        files[name].write_text(text)
    _, found, warnings = measure(
        bench.shell,
        files,
        [Entry("a", "xnnpack"), Entry("b", "xnnpack"), Entry("b", "lce")],
        programs=programs(bench.here),
        rounds=3,
        where=str(bench.there),
    )
    samples = sorted(len(m.steady.samples) for m in found if m.steady is not None)
    assert samples == [1, 2]
    assert all("of 3 rounds: device S is gone" in " ".join(m.notes) for m in found[:2])
    assert "--binary lce_benchmark_model" in (found[2].error or "")  # its own reason stays
    assert "device S is gone" in " ".join(warnings)
    assert f"files are left in {bench.there}" in " ".join(warnings)


def test_entries_that_had_no_turn_have_its_end_for_an_error(bench: _Bench) -> None:
    bench.shell.replies["--seconds 0"] = _GONE
    first, second = bench.measure({"m": ""}, [Entry("m", "xnnpack"), Entry("m", "xnnpack", "", 2)])
    assert (first.error, second.error) == (str(_GONE), str(_GONE))


def test_one_that_is_gone_from_the_start_is_an_error(bench: _Bench) -> None:
    bench.shell.replies[""] = _GONE
    with pytest.raises(DeviceError, match="device S is gone"):
        bench.measure({"m": ""}, [Entry("m", "xnnpack")])


def test_heat_and_scatter_are_warned_of(bench: _Bench) -> None:
    readings = 0

    def heat(_: str) -> Answer:
        nonlocal readings
        readings += 1
        text = f"@@clocks\n@@zones\n{30000 + 15000 * (readings > 1)}:cpu\n@@battery\n@@end\n"
        return Answer(0, text, "")

    bench.shell.replies["^g.*@@clocks|@@clocks"] = heat
    counter = bench.here / "counter"
    slower = f"echo >> {counter}; us=$((1000 * $(wc -l < {counter})))"
    bench.measure({"m": slower}, [Entry("m", "xnnpack")], rounds=5, cool_down=0.0)
    assert "adb:S: it became hotter: 30 to 45 degrees C (cpu)" in bench.warnings
    assert any("the middle half of the samples spreads by m, xnnpack" in w for w in bench.warnings)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), StoppedError()])
def test_ctrl_c_and_a_stop_clean_up(bench: _Bench, error: BaseException) -> None:
    calls = 0

    def stopped() -> bool:
        nonlocal calls
        calls += 1
        if isinstance(error, KeyboardInterrupt) and calls > 2:
            raise error
        return calls > 2

    with pytest.raises(type(error)):
        bench.measure({"m": ""}, [Entry("m", "xnnpack")], stopped=stopped)
    assert bench.shell.pushed and not bench.there.exists()


def test_kept_files_stay(bench: _Bench) -> None:
    bench.measure({"m": ""}, [Entry("m", "delegate")], keep=True)
    names = sorted(each.name.split("-", 1)[1] for each in bench.there.iterdir())
    assert names == ["delegate.so", "larq_bvit_runner", "libtensorflowlite_c.so", "m.tflite"]


def test_a_profile_that_fails_leaves_times(bench: _Bench) -> None:
    (found,) = bench.measure(
        {"m": '[ -z "$profile" ] || exit 5'}, [Entry("m", "delegate")], profile=True
    )
    assert found.error is None and found.steady is not None and found.profile == ()
    assert any(
        note.startswith("no profile: larq_bvit_runner failed (status 5)") for note in found.notes
    )
