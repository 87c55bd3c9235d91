"""The whole flow on this machine, with programs of sh that do what a "model" says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.shell import Answer
from tests.bench.remote.flow_bench import FlowBench


def test_an_entry_has_all_that_its_program_tells(bench: FlowBench) -> None:
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
        r"--threads 1 --warmup-runs 1 --warmup-seconds 0.1 --runs 3 --seconds 1 --delegate \S+ "
        r"--delegate-options isa:portable'",
        found.command,
    )


def test_each_round_has_every_entry_in_another_order(bench: FlowBench) -> None:
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


def test_a_process_has_as_many_cores_as_threads_and_a_time_limit(bench: FlowBench) -> None:
    core = max(os.sched_getaffinity(0))
    (found,) = bench.measure(
        {"m": f'grep -q "Cpus_allowed_list:.{core}$" /proc/self/status || exit 9'},
        [Entry("m", "xnnpack")],
        timeout=32.4,
    )
    assert found.error is None
    assert any(c.startswith(f"timeout 33 taskset {1 << core:x} ") for c in bench.shell.commands)


def test_failures_of_one_entry_leave_the_others_alone(bench: FlowBench) -> None:
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
        "signal 9 (SIGKILL) ended larq_bvit_runner, most often because the machine had no memory",
        "stock TensorFlow Lite has no operator LceQuantize; run this file by --runtime delegate",
        "expected a line of JSON of larq_bvit_runner; got 'garbled'",
        "larq_bvit_runner hangs or is slow: it took more than 1 s; give more time by --timeout",
        "signal 11 (SIGSEGV) ended larq_bvit_runner: it crashed",
        "signal 9 (SIGKILL) ended larq_bvit_runner, most often because the machine had no memory",
    ]
    for measured, reason in zip(found[1:], reasons, strict=True):
        assert measured.steady is None and reason in (measured.error or ""), measured


def test_what_was_measured_before_a_failure_counts(bench: FlowBench, tmp_path: Path) -> None:
    log = tmp_path / "log"
    model = {"m": f"echo x >> {log}; [ $(wc -l < {log}) -lt 4 ] || kill -9 $$"}
    (found,) = bench.measure(model, [Entry("m", "xnnpack")], rounds=5)
    assert found.error is None and found.steady is not None
    assert len(found.steady.samples) == 2, "the first process only shows that it runs"
    assert any(note.startswith("after 2 rounds: signal 9 (SIGKILL)") for note in found.notes)
    assert len(log.read_text().split()) == 4, "no more turns"


def test_outputs_are_compared(bench: FlowBench) -> None:
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
    note = "expected an output of 8 bytes, as LCE or stock TensorFlow Lite gives here; got"
    assert f"{note} 1 bytes" in found[2].notes and f"{note} none" in found[3].notes
    assert all(m.steady is not None for m in found)


def test_integers_are_compared_from_their_zero_point(bench: FlowBench) -> None:
    """Around -128, [1, 0] and [0, 1] have nothing in common; as stored they seem to."""
    expected = np.array([[-127, -128]], np.int8)
    turned = expected[:, ::-1].tobytes()
    options = {"inputs": {"m": turned}, "expected": {"m": expected}, "zero_points": {"m": -128}}
    model, entry = {"m": '[ -z "$out" ] || cp "$input" "$out"'}, [Entry("m", "xnnpack")]
    assert bench.measure(model, entry, **options)[0].cosine == 0.0
    options["inputs"] = {"m": expected.tobytes()}
    assert bench.measure(model, entry, **options)[0].cosine == 1.0


def test_heat_and_scatter_are_warned_of(bench: FlowBench) -> None:
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
    first = next(i for i, c in enumerate(bench.shell.commands) if "@@zones" in c)
    assert first < next(i for i, c in enumerate(bench.shell.commands) if "--seconds" in c)
    start, worst = (bench.facts["readings"][when]["celsius"] for when in ("start", "worst"))
    assert (start, worst) == ({"cpu": 30.0}, {"cpu": 45.0})
    assert "adb:S: it became hotter: 30 to 45 degrees C (cpu)" in bench.warnings
    assert any("the middle half of the samples spreads by m, xnnpack" in w for w in bench.warnings)


def test_kept_files_stay(bench: FlowBench) -> None:
    bench.measure({"m": ""}, [Entry("m", "delegate")], keep=True)
    names = sorted(each.name.split("-", 1)[1] for each in bench.there.iterdir())
    assert names == ["delegate.so", "larq_bvit_runner", "libtensorflowlite_c.so", "m.tflite"]


def test_a_profile_that_fails_leaves_times(bench: FlowBench) -> None:
    (found,) = bench.measure(
        {"m": '[ -z "$profile" ] || exit 5'}, [Entry("m", "delegate")], profile=True
    )
    assert found.error is None and found.steady is not None and found.profile == ()
    assert any(
        note.startswith("no profile: larq_bvit_runner failed (status 5)") for note in found.notes
    )
