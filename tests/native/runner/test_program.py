"""What the runner measures, reads and writes, with a library that stands for TensorFlow Lite's."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.native.runner.outcome import error, found


def test_what_it_tells(run):
    done = run("bytes 8 ", threads=3, runs=2)
    assert done.stdout.count(b"\n") == 1 and done.stdout.endswith(b"}\n")
    told = found(done)
    assert told.tflite_version == '9.8"7'
    assert len(told.runs) == 2 and told.init > 0 and told.first > 0
    assert told.profile is None and told.activation_bytes is None
    assert [(x.name, x.type, x.shape) for x in told.inputs] == [("in", "float32", (1, 8))]
    assert [(x.name, x.type, x.shape) for x in told.outputs] == [("out", "float32", (1, 8))]
    assert done.stderr.decode().splitlines() == [
        "end of interpreter: 4 runs, 3 threads",
        "end of options",
        "end of model",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b'"quoted" \\ /', '"quoted" \\ /'),
        (b"tab\tline\nbell\x07\x7f", "tab\tline\nbell\x07\x7f"),
        ("é € 😀 \uffff".encode(), "é € 😀 \uffff"),
        (b"cut \xe2\x82", "cut \ufffd\ufffd"),
        (b"no \xff\xc0\x80 utf", "no \ufffd\ufffd\ufffd utf"),
        (b"half \xed\xa0\x80 pair", "half \ufffd\ufffd\ufffd pair"),
        (b"long \xe0\x9f\xbf \xf0\x8f\xbf\xbf", "long \ufffd\ufffd\ufffd \ufffd\ufffd\ufffd\ufffd"),
        (b"beyond \xf4\x90\x80\x80", "beyond \ufffd\ufffd\ufffd\ufffd"),
    ],
)
def test_names_are_escaped(run, name, expected):
    (tensor,) = found(run(b"name " + name)).inputs
    assert tensor.name == expected


@pytest.mark.parametrize(
    ("arguments", "runs"),
    [
        ({"runs": 3, "seconds": 0}, 3),
        ({"runs": 1, "seconds": 0, "warmup_runs": 5}, 1),
    ],
)
def test_number_of_runs(run, arguments, runs):
    done = run(**arguments)
    assert len(found(done).runs) == runs
    untimed = 1 + arguments.get("warmup_runs", 1)
    assert f"interpreter: {runs + untimed} runs" in done.stderr.decode()


@pytest.mark.parametrize(("runs", "seconds", "end"), [(2, 0.1, 0.1), (100, 0.02, 0.2)])
def test_time_of_runs(run, runs, seconds, end):
    """Until both are reached; or ten times the time."""
    told = found(run("sleep 20 ", runs=runs, seconds=seconds))
    times = told.runs
    assert min(times) >= 0.02
    assert sum(times[:-1]) < end <= sum(times) + 1e-6
    assert told.count == len(times) and told.mean == pytest.approx(np.mean(times), rel=1e-9)


def test_a_fast_file_runs_for_the_whole_time(run):
    done = run(runs=3, seconds=0.1)
    told = found(done)
    assert told.count > 1000  # a run takes far less than 0.1 ms
    assert 0.1 <= told.count * told.mean < 0.2
    assert f"interpreter: {told.count + 2} runs" in done.stderr.decode()


def test_of_very_many_runs_a_part_is_kept(run):
    """Without time, as many as are asked for; every second, fourth or eighth is kept."""
    assert len(found(run(runs=8192, seconds=0)).runs) == 8192
    for runs, kept in ((8193, 4097), (16384, 8192), (16385, 4097), (99999, 6250)):
        told = found(run(runs=runs, seconds=0))
        assert (told.count, len(told.runs)) == (runs, kept)


def test_the_warm_up_lasts_a_time(run):
    done = run("sleep 5 ", runs=1, seconds=0, warmup_seconds=0.1)
    total = int(re.search(r"interpreter: (\d+) runs", done.stderr.decode())[1])
    assert 2 <= total - 2 <= 20  # of 5 ms at least; the first and the timed one do not count


def test_input_and_output_files(run, tmp_path):
    numbers = np.random.default_rng(0).bytes(64)
    (tmp_path / "in.bin").write_bytes(numbers)
    out = tmp_path / "out.bin"
    out.write_bytes(bytes(100))  # an older, longer one
    files = {"input": str(tmp_path / "in.bin"), "output": str(out)}
    found(run(runs=5, **files))
    assert out.read_bytes() == numbers  # of the first inference: the fake's later ones differ
    (tmp_path / "in.bin").write_bytes(numbers[:-1])
    assert "expected 64 bytes in --input, as input 0 of" in (got := error(run(**files)))
    assert got.endswith("in.bin of 63")
    (tmp_path / "in.bin").write_bytes(numbers * 9)
    assert error(run(**files)).endswith("in.bin of at least 65")
    missing = error(run(input=str(tmp_path / "none")))
    assert (
        missing == f"expected raw bytes of an input; got {tmp_path}/none: No such file or directory"
    )
    assert "expected to write 64 bytes to /none/out: No such" in error(run(output="/none/out"))


FLOATS = [(1, "float32"), (10, "float16"), (11, "float64")]
SHORT = [(3, "uint8"), (9, "int8"), (7, "int16"), (17, "uint16")]
INDICES = [(2, "int32"), (4, "int64"), (16, "uint32"), (6, "bool")]


@pytest.mark.parametrize(("code", "name"), FLOATS + SHORT + INDICES)
def test_patterns(run, tmp_path, code, name):
    out = tmp_path / "out.bin"
    told = found(run(f"type {code} bytes 4096 ", output=str(out)))
    assert told.inputs[0].type == name
    numbers = np.frombuffer(out.read_bytes(), name)
    found(run(f"type {code} bytes 4096 ", output=str(out)))
    assert out.read_bytes() == numbers.tobytes()  # the same each time
    if (code, name) in INDICES:
        assert set(numbers.tolist()) == {0, 1} and 0.4 < numbers.mean() < 0.6
    elif (code, name) in FLOATS:
        assert -1 <= numbers.min() < -0.9 and 0.9 < numbers.max() <= 1
        assert abs(numbers.mean()) < 0.1 and len(set(numbers.tolist())) > 300
    else:
        limits = np.iinfo(name)
        low, high = np.percentile(numbers, [10, 90])
        spread = (high - low) / (int(limits.max) - int(limits.min))
        assert 0.75 < spread < 0.85


def test_numbers_that_are_none(run):
    got = error(run("type 5 "))
    assert got == "expected inputs of numbers; got input 'in' of type string (5)"
    assert "type unknown (99)" in error(run("type 99 "))


def test_peak_memory_is_the_models(run):
    small, large = found(run()).peak_memory, found(run("memory 64 ")).peak_memory
    assert small < 2**23 and 2**26 <= large < small + 2**26 + 2**21


def test_peak_memory_is_not_the_librarys(run):
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pytest.skip("this system does not let a peak be forgotten")
    assert found(run(library="hungry.so")).peak_memory < 2**23


def test_delegate(run, folder):
    delegate = str(folder / "delegate.so")
    options = {"isa": "neon", "path": "a:b", "empty": ""}
    done = run(delegate=delegate, delegate_options=options)
    assert found(done).activation_bytes == 5000000000
    lines = done.stderr.decode().splitlines()
    assert lines[:3] == ["option isa is neon", "option path is a:b", "option empty is "]
    assert lines[3:] == [
        "end of interpreter: 3 runs, 1 threads",
        "end of options",
        "end of model",
        "end of delegate 1",
    ]


def test_profile_is_of_the_timed_runs(run, folder):
    done = run(delegate=str(folder / "delegate.so"), profile=True, runs=2)
    assert "option profile is 1" in done.stderr.decode()
    # a delegate that profiles also measures its products alone in its first runs: not timed
    assert "interpreter: 6 runs" in done.stderr.decode()
    steps = json.loads(done.stdout)["profile"]
    assert steps == [
        {"name": "a, b", "kind": "product", "nanoseconds": 10000000007},
        {"name": "c", "kind": "fusion", "nanoseconds": 0},
    ]


def test_a_profile_whose_steps_change(run, folder, monkeypatch):
    monkeypatch.setenv("FAKE_OTHER_STEP", "1")
    got = error(run(delegate=str(folder / "delegate.so"), profile=True))
    assert got.startswith("expected a profile of the same steps before and after; got [{")
