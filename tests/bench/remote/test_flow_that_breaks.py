"""The whole flow where the machine, the user or something else ends it."""

from __future__ import annotations

import pytest

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.errors import GoneError, NoSpaceError, StoppedError
from larq_bvit.bench.remote.flow import measure
from larq_bvit.bench.remote.job import Call
from larq_bvit.bench.remote.runner_job import RunnerJob
from larq_bvit.bench.remote.shell import Answer, DeviceError
from tests.bench.remote.flow_bench import FlowBench
from tests.bench.remote.scripted_programs import programs

_GONE = GoneError("device S is gone")


def test_a_full_machine_is_the_error_of_what_does_not_fit(bench: FlowBench) -> None:
    bench.shell.replies["push"] = NoSpaceError("device S has no space to push x; free some")
    (found,) = bench.measure({"m": ""}, [Entry("m", "xnnpack")])
    assert found.error == "device S has no space to push x; free some"


def test_a_machine_that_goes_in_the_middle_keeps_what_it_gave(bench: FlowBench) -> None:
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


def test_entries_that_had_no_turn_have_its_end_for_an_error(bench: FlowBench) -> None:
    bench.shell.replies["--seconds 0"] = _GONE
    first, second = bench.measure({"m": ""}, [Entry("m", "xnnpack"), Entry("m", "xnnpack", "", 2)])
    assert (first.error, second.error) == (str(_GONE), str(_GONE))


def test_one_that_is_gone_from_the_start_is_an_error(bench: FlowBench) -> None:
    bench.shell.replies[""] = _GONE
    with pytest.raises(DeviceError, match="device S is gone"):
        bench.measure({"m": ""}, [Entry("m", "xnnpack")])


@pytest.mark.parametrize("error", [KeyboardInterrupt(), StoppedError()])
def test_ctrl_c_and_a_stop_clean_up(bench: FlowBench, error: BaseException) -> None:
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


def test_what_nobody_foresaw_leaves_what_was_measured(
    bench: FlowBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, told = RunnerJob.read, 0

    def fail(*arguments: object) -> object:
        nonlocal told
        told += 1
        if told > 3:  # two tries, a sample
            raise ZeroDivisionError("no luck")
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(RunnerJob, "read", fail)
    entries = [Entry("m", "xnnpack"), Entry("m", "delegate")]
    found = bench.measure({"m": ""}, entries, rounds=2)
    with_times = [m for m in found if m.steady is not None]
    assert len(with_times) == 1 and with_times[0].error is None
    assert "1 of 2 rounds: ZeroDivisionError: no luck" in with_times[0].notes
    assert [m.error for m in found if m.steady is None] == ["ZeroDivisionError: no luck"]
    assert "adb:S: ZeroDivisionError: no luck" in bench.warnings


def test_a_command_that_can_not_be_made_is_the_error_of_its_entry(
    bench: FlowBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, asked = RunnerJob.command, 0

    def refuse(job: RunnerJob, call: Call) -> list[str]:
        nonlocal asked
        if job.entry.threads == 2 and call.seconds:
            asked += 1
            if asked > 1:  # the first time is before anything ran
                raise ValueError("no such flag")
        return command(job, call)

    monkeypatch.setattr(RunnerJob, "command", refuse)
    entries = [Entry("m", "xnnpack"), Entry("n", "xnnpack", "", 2), Entry("o", "xnnpack")]
    found = bench.measure(dict.fromkeys("mno", ""), entries)
    assert [m.error for m in found] == [None, "no such flag", None]


def test_a_file_that_is_gone_is_the_error_of_its_entry(bench: FlowBench) -> None:
    def remove() -> bool:
        (bench.here / "b.tflite").unlink(missing_ok=True)
        return False

    entries = [Entry("a", "xnnpack"), Entry("b", "xnnpack")]
    a, b = bench.measure({"a": "", "b": ""}, entries, stopped=remove)
    assert a.error is None and "FileNotFoundError: " in (b.error or "")
