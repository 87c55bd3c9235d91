"""The runner's command line, and its output."""

import json

import pytest

from larq_bvit.bench.remote.runner import (
    RunnerTensor,
    parse_runner,
    runner_command,
    runner_error,
)
from larq_bvit.bench.results import OpTime

# as the program printed it, with TensorFlow Lite 2.9 and the delegate's profile cut to two steps
RECORDED = (
    '{"larq_bvit_runner": 2, "tflite_version": "2.9.0", "init_us": 7873.124, "first_us": 180.508, '
    '"count": 2, "sum_us": 130.000, "runs_us": [79.500, 50.500], "base_kib": 3788, '
    '"peak_kib": 11772, "activation_bytes": 77312, '
    '"profile": [{"name": "64 rows: patches", "kind": "fusion", "nanoseconds": 2444}, '
    '{"name": "64 rows: scores", "kind": "attention", "nanoseconds": 1091}], '
    '"inputs": [{"name": "image \\"1\\" \\u00e9", "type": "float32", "shape": [1, 32, 32, 3]}], '
    '"outputs": [{"name": "prediction", "type": "float32", "shape": [1, 10]}]}\n'
)


def changed(**values):
    return json.dumps({**json.loads(RECORDED), **values})


def test_output():
    found = parse_runner(RECORDED)
    assert found.tflite_version == "2.9.0"
    assert (found.init, found.first) == pytest.approx((7873.124e-6, 180.508e-6), rel=1e-12)
    assert found.runs == pytest.approx((79.5e-6, 50.5e-6), rel=1e-12)
    assert (found.count, found.mean) == (2, pytest.approx(65e-6, rel=1e-12))
    assert found.peak_memory == (11772 - 3788) * 1024
    assert found.activation_bytes == 77312
    assert found.inputs == (RunnerTensor('image "1" \u00e9', "float32", (1, 32, 32, 3)),)
    assert found.outputs == (RunnerTensor("prediction", "float32", (1, 10)),)


def test_a_profile_is_of_one_inference_and_sums_to_it():
    *steps, rest = parse_runner(RECORDED).profile
    assert steps == [
        OpTime("64 rows: patches", "fusion", 2444 / 2e6),
        OpTime("64 rows: scores", "attention", 1091 / 2e6),
    ]
    assert (rest.name, rest.kind) == ("", "not in the delegate")
    assert sum(row.milliseconds for row in [*steps, rest]) == pytest.approx(0.065, rel=1e-12)


def test_a_profile_has_the_words_of_other_profiles():
    step = {"name": "a", "kind": "product", "nanoseconds": 1}
    assert parse_runner(changed(profile=[step])).profile[0].kind == "binary product"


def test_of_many_runs_some_are_told_and_all_are_counted():
    found = parse_runner(changed(count=8, sum_us=8000))
    assert len(found.runs) == 2 and (found.count, found.mean) == (8, 0.001)
    assert found.profile[0].milliseconds == pytest.approx(2444 / 8e6, rel=1e-12)
    assert sum(row.milliseconds for row in found.profile) == pytest.approx(1, rel=1e-12)


def test_what_is_not_known():
    found = parse_runner(changed(base_kib=None, activation_bytes=None, profile=None))
    assert (found.peak_memory, found.activation_bytes, found.profile) == (None, None, None)
    assert parse_runner(changed(base_kib=9, peak_kib=8)).peak_memory == 0


def test_other_lines_and_line_ends():
    noisy = f"INFO: Created delegate\r\n{RECORDED.rstrip()}\r\nbye\r\n"
    assert parse_runner(noisy) == parse_runner(RECORDED)
    old = changed(tflite_version="1.0")  # of two, the last
    assert parse_runner(f"{old}\n{RECORDED}") == parse_runner(RECORDED)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a line of JSON of larq_bvit_runner; got nothing"),
        ("count=50 first=1\n", "got 'count=50 first=1'"),
        (RECORDED[: len(RECORDED) // 2], "expected a whole line of JSON of larq_bvit_runner; got"),
        (RECORDED[:-2], "expected a whole line of JSON"),
        (RECORDED.replace('runner": 2', 'runner": 1'), "expected version 2 of .*; got 1: take"),
        (RECORDED.replace('"first_us"', '"erste_us"'), r"expected all of .* KeyError\('first_us'"),
        (changed(runs_us=[]), "no run"),
        (changed(count=1), "2 of 1 runs"),
        (changed(sum_us=None), "None for a number"),
        (changed(runs_us=["1"]), "'1' for a number"),
        (changed(runs_us=[True]), "True for a number"),
        (changed(init_us=float("nan")), "nan for a number of at least 0"),
        (changed(init_us=-1), "-1 for a number of at least 0"),
        (changed(tflite_version=None), "None for text"),
        (changed(inputs=None), "expected all of"),
        (changed(profile=[{"name": "a"}]), "KeyError"),
    ],
)
def test_cut_and_foreign_output(text, message):
    with pytest.raises(ValueError, match=message):
        parse_runner(text)


def test_every_cut_is_refused():
    line = RECORDED.rstrip()
    for length in range(len(line)):
        with pytest.raises(ValueError, match="expected a (whole )?line of JSON"):
            parse_runner(line[:length])


def test_command():
    command = runner_command("/d/larq_bvit_runner", library="/d/lib.so", model="/d/m.tflite")
    assert command == [
        "/d/larq_bvit_runner",
        *("--library", "/d/lib.so", "--model", "/d/m.tflite", "--threads", "1"),
        *("--warmup-runs", "1", "--warmup-seconds", "0", "--runs", "50", "--seconds", "1"),
    ]
    command = runner_command(
        "r",
        library="l",
        model="m",
        delegate="d.so",
        delegate_options={"isa": "neon", "verbose": "1"},
        threads=4,
        warmup_runs=0,
        warmup_seconds=0.1,
        runs=7,
        seconds=0.25,
        input="in",
        output="out",
        profile=True,
    )
    assert command == [
        *("r", "--library", "l", "--model", "m", "--threads", "4"),
        *("--warmup-runs", "0", "--warmup-seconds", "0.1", "--runs", "7", "--seconds", "0.25"),
        *("--delegate", "d.so", "--input", "in", "--output", "out"),
        *("--delegate-options", "isa:neon;verbose:1", "--profile"),
    ]


@pytest.mark.parametrize("seconds", [0, 0.001, 10, 100.0, 1 / 3])
def test_seconds_are_plain_decimals(seconds):
    command = runner_command("r", library="l", model="m", seconds=seconds)
    text = command[command.index("--seconds") + 1]
    assert float(text) == pytest.approx(seconds, abs=5e-4) and set(text) <= set("0123456789.")


def test_options_that_can_not_be_written():
    for options in ({"a;b": "1"}, {"a:b": "1"}, {"a": "1;2"}, {"": "1"}):
        with pytest.raises(ValueError, match="expected options of a delegate without ';'"):
            runner_command("r", library="l", model="m", delegate="d", delegate_options=options)
    assert "a:1:2" in runner_command(
        "r", library="l", model="m", delegate="d", delegate_options={"a": "1:2"}
    )
    with pytest.raises(ValueError, match="expected a delegate with its options; got none"):
        runner_command("r", library="l", model="m", delegate_options={"isa": "neon"})
    with pytest.raises(ValueError, match="expected a delegate with a profile; got none"):
        runner_command("r", library="l", model="m", profile=True)


def test_error():
    errors = "INFO: x\r\nlarq_bvit_runner: expected --library; got none\r\nmore\n"
    assert runner_error(errors) == "expected --library; got none"
    assert runner_error("Segmentation fault\n") is None
