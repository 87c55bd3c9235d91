"""The whole flow with benchmark programs that the user has: which runs what, and what they tell."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from larq_bvit.bench.entry import Entry
from tests.bench.benchmark_model.recorded_text import recorded
from tests.bench.remote.flow_bench import FlowBench
from tests.bench.remote.scripted_programs import benchmark_model, programs
from tests.bench.remote.test_elf import write_elf

_FLAG = "\t--use_xnnpack=false\tbool\toptional\texplicitly apply the XNNPACK delegate"


def test_benchmark_programs_serve_what_they_can(bench: FlowBench) -> None:
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
    assert found[0].about == "Larq Compute Engine (by the given lce_benchmark_model)"
    assert sum("--help" in command for command in bench.shell.commands) == 2


def test_without_a_program_the_error_says_which_option(bench: FlowBench) -> None:
    entries = [Entry("m", "lce"), Entry("m", "delegate"), Entry("m", "xnnpack")]
    none = programs(bench.here, library=False)
    lce, delegate, xnnpack = bench.measure({"m": ""}, entries, programs=none)
    assert "--binary lce_benchmark_model" in (lce.error or "")
    for each in (delegate, xnnpack):
        assert "by --tflite-lib, or TensorFlow Lite's benchmark_model by --binary" in (
            each.error or ""
        )


def test_a_program_of_another_machine_is_not_even_copied(bench: FlowBench) -> None:
    other = write_elf(bench.here / "benchmark_model", 8)
    given = programs(bench.here, binaries=(other,), library=False)
    (found,) = bench.measure({"m": ""}, [Entry("m", "xnnpack")], programs=given)
    assert re.search(
        r"benchmark_model is for machine 8, and adb:S runs \w+; give one", found.error or ""
    )
    assert bench.shell.pushed == []


def test_where_one_tells_means_only_all_samples_are_means(bench: FlowBench) -> None:
    lce = _lce(bench)
    both = programs(bench.here, binaries=(lce,))
    entries = [Entry("m", "lce"), Entry("m", "delegate"), Entry("m", "xnnpack")]
    found = bench.measure({"m": "us=1000 slow=10"}, entries, programs=both, rounds=1)
    assert [m.error for m in found] == [None] * 3 and {m.sample for m in found} == {"mean"}
    samples = [m.steady.samples[0] for m in found if m.steady is not None]
    assert samples == pytest.approx([1036.38e-6, 0.004, 0.004])  # of 1, 1 and 10 ms
    for measured in found:
        assert "times are means: lce_benchmark_model tells no medians" in measured.notes


def test_medians_stay_where_the_one_with_means_has_failed(bench: FlowBench) -> None:
    both = programs(bench.here, binaries=(_lce(bench),))
    entries = [Entry("bad", "lce"), Entry("m", "xnnpack")]
    failed, found = bench.measure({"bad": "exit 3", "m": ""}, entries, programs=both, rounds=1)
    assert failed.error is not None and found.steady is not None
    assert (found.sample, found.steady.samples) == ("median", (0.001,))
    assert not any("means" in note for note in found.notes)


def test_newer_programs_tell_medians(bench: FlowBench) -> None:
    new = benchmark_model(bench.here / "benchmark_model", "help_2025.txt", "xnnpack_2025.txt")
    given = programs(bench.here, binaries=(new,), library=False)
    (found,) = bench.measure({"m": ""}, [Entry("m", "xnnpack")], programs=given, rounds=1)
    assert found.steady is not None
    assert (found.sample, found.steady.samples) == ("median", (pytest.approx(51891e-6),))


def test_lces_program_times_float_files_where_no_other_can(bench: FlowBench) -> None:
    lce, entry = _lce(bench, with_xnnpack=True), [Entry("m", "xnnpack"), Entry("m", "delegate")]
    alone = programs(bench.here, binaries=(lce,), library=False)
    found, delegate = bench.measure({"m": ""}, entry, programs=alone)
    assert found.error is None and "--use_xnnpack=true" in found.command
    assert "by lce_benchmark_model, which is TensorFlow Lite with XNNPACK, too" in found.notes
    assert "no program for runtime delegate (given: " in (delegate.error or "")
    stock = benchmark_model(bench.here / "benchmark_model", "help_2025.txt", "xnnpack_2025.txt")
    both = programs(bench.here, binaries=(lce, stock), library=False)
    (found,) = bench.measure({"m": ""}, entry[:1], programs=both)
    assert found.error is None and "-lce_benchmark_model" not in found.command
    assert not any(note.startswith("by lce") for note in found.notes)


def test_lces_program_without_xnnpack_is_told_of(bench: FlowBench) -> None:
    alone = programs(bench.here, binaries=(_lce(bench),), library=False)
    (found,) = bench.measure({"m": ""}, [Entry("m", "xnnpack")], programs=alone)
    assert "lce_benchmark_model has no flag --use_xnnpack; this build has no" in (found.error or "")


def test_litert_times_float_files_and_takes_no_delegate(bench: FlowBench) -> None:
    litert = benchmark_model(
        bench.here / "benchmark_litert_model", "help_litert_2026.txt", "litert_2026.txt"
    )
    entries = [Entry("m", "xnnpack"), Entry("m", "delegate")]
    given = programs(bench.here, binaries=(litert,), library=False)
    found, refused = bench.measure({"m": ""}, entries, programs=given, profile=True)
    assert found.error is None and found.steady is not None and found.profile
    assert "benchmark_litert_model takes no external delegates: give" in (refused.error or "")
    # another one that does is found behind it
    stock = benchmark_model(bench.here / "benchmark_model", "help_2023.txt", "delegate_2023.txt")
    both = programs(bench.here, binaries=(litert, stock), library=False)
    assert bench.measure({"m": ""}, entries[1:], programs=both)[0].error is None


def test_a_program_that_can_not_do_the_rounds_is_refused_before(bench: FlowBench) -> None:
    old = benchmark_model(bench.here / "benchmark_model", "help_2023.txt", "delegate_2023.txt")
    old.write_text(re.sub(r"\t--min_secs=.*\n", "", old.read_text()))
    lce = _lce(bench)
    given = programs(bench.here, binaries=(old, lce), library=False)
    entries = [Entry("m", "delegate"), Entry("m", "lce")]
    refused, found = bench.measure({"m": ""}, entries, programs=given)
    assert "has no flag --min_secs; give a newer program by --binary" in (refused.error or "")
    assert found.error is None and found.steady is not None
    assert not any("external_delegate" in command for command in bench.shell.commands)


def test_where_no_library_fits_a_benchmark_program_may(bench: FlowBench) -> None:
    other = write_elf(bench.here / "libother.so", 8)
    stock = benchmark_model(bench.here / "benchmark_model", "help_2023.txt", "delegate_2023.txt")
    given = programs(bench.here, binaries=(stock,), library=False)
    given = dataclasses.replace(given, libraries=(other,))
    (found,) = bench.measure({"m": ""}, [Entry("m", "delegate")], programs=given)
    assert found.error is None and "benchmark_model --graph=" in found.command


def _lce(bench: FlowBench, with_xnnpack: bool = False) -> Path:
    path = bench.here / "lce_benchmark_model"
    benchmark_model(path, "help_lce_2023.txt", "lce_2023.txt")
    if with_xnnpack:
        text, head = path.read_text(), recorded("help_lce_2023.txt").splitlines()[3]
        assert head in text
        path.write_text(text.replace(head, f"{head}\n{_FLAG}"))
    return path
