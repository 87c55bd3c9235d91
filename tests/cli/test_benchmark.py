"""`larq-bvit benchmark`."""

import csv
import io
import json
import platform
import shlex

import pytest

from larq_bvit import convert
from larq_bvit.bench.results import Measurement, Place, Results
from larq_bvit.bench.subjects.precision import float_tflite
from tests.bench.remote.elf_writer import AARCH64, X86_64, library
from tests.bench.small_model import small
from tests.delegate import needs_delegate


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    contents = {
        "binary": convert.to_tflite(small(), verify=False),
        "float": float_tflite(small(binary=False)),
    }
    for name, content in contents.items():
        (folder / f"{name}.tflite").write_bytes(content)
    return [folder / f"{name}.tflite" for name in contents]


@needs_delegate
def test_files_are_measured_and_shown(run, files, tmp_path):
    outputs = [tmp_path / f"out.{kind}" for kind in ("json", "csv", "html")]
    wanted = [word for path in outputs for word in ("--output", path)]
    plots = tmp_path / "plots"
    result = run("benchmark", *files, "--runs", 2, *wanted, "--plots", plots, "--no-profile")
    assert result.exit_code == 0, result.stderr
    results = Results.from_json(outputs[0].read_text())
    assert [(m.file, m.runtime) for m in results.measurements] == [
        ("binary", "lce:indirect"),
        ("binary", "delegate"),
        ("float", "xnnpack"),
    ]
    assert all(len(m.steady.samples) == 2 for m in results.measurements)
    for name in ("binary", "float", "lce:indirect", "delegate", "xnnpack"):
        assert name in result.stdout
    rows = list(csv.DictReader(io.StringIO(outputs[1].read_text())))
    assert [row["model"] for row in rows] == ["binary", "binary", "float"]
    assert outputs[2].read_text().startswith("<!DOCTYPE html>")
    assert any(path.read_bytes().startswith(b"\x89PNG") for path in plots.iterdir())


def test_json_and_csv_on_stdout(run, run_json, files):
    shown = run_json("benchmark", files[1], "--runs", 1)
    assert shown["measurements"][0]["runtime"] == "xnnpack" and shown["larq_bvit_benchmark"] == 1
    text = run("benchmark", files[1], "--runs", 1, "--csv").stdout
    assert next(csv.DictReader(io.StringIO(text)))["model"] == "float"


def test_baselines_accuracies_and_threads(run_json, files):
    options = ["--against", files[1], "--accuracy", "binary=61.5", "--threads", "1,2"]
    shown = run_json("benchmark", files[0], *options, "--runtime", "lce,xnnpack", "--runs", 1)
    found = [(m["file"], m["runtime"], m["threads"]) for m in shown["measurements"]]
    binary = [("binary", "lce", 1), ("binary", "lce", 2)]
    assert found == [*binary, ("float", "xnnpack", 1), ("float", "xnnpack", 2)]
    assert shown["files"][0]["accuracy"]["top_1"] == pytest.approx(0.615)
    assert shown["files"][1]["accuracy"] is None and shown["baselines"] == ["float"]
    first = shlex.split(shown["measurements"][0]["command"])
    assert first[:3] == ["larq-bvit", "benchmark", str(files[0])]
    assert first[-2:] == ["--runs", "1"] and first[first.index("--threads") + 1] == "1"


def test_what_fails_is_told_and_the_rest_is_kept(run, files, monkeypatch):
    monkeypatch.setenv("LARQ_BVIT_DELEGATE", "/nowhere.so")
    result = run("benchmark", files[0], "--runs", 1, "--json")
    assert result.exit_code == 1
    lce, ours = json.loads(result.stdout)["measurements"]
    assert lce["steady"] and lce["error"] is None
    assert ours["steady"] is None and "LARQ_BVIT_DELEGATE names no file" in ours["error"]


def test_is_written_before_it_is_shown(run, files, tmp_path, monkeypatch):
    def closed_pipe(*_):
        raise BrokenPipeError

    monkeypatch.setattr("larq_bvit.cli.benchmark._print", closed_pipe)
    out = tmp_path / "out.json"
    run("benchmark", files[1], "--runs", 1, "--output", out)
    assert Results.from_json(out.read_text()).measurements


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["missing.tflite"], "no file missing.tflite"),
        (["binaryvit_nanno"], "did you mean 'binaryvit_nano'"),
        (["binaryvit_nano", "--runtime", "tflite"], "unknown runtime 'tflite'"),
        (["binaryvit_nano", "--threads", "0"], "numbers of threads"),
        (["binaryvit_nano", "--on", "usb"], "expected --on to be local"),
        (["binaryvit_nano", "--accuracy", "nano"], "expected --accuracy NAME=PERCENT"),
        (["binaryvit_nano", "--accuracy", "nano=50"], "unknown file in --accuracy 'nano'"),
        (["binaryvit_nano", "--json", "--csv"], "expected --json or --csv"),
        (["binaryvit_nano", "--report", "out.pdf"], "must end in"),
        (["binaryvit_nano", "--report", "/nowhere/out.html"], "can't write"),
        (["binaryvit_nano", "--plots", "/proc/none"], "/proc/none"),
        (["binaryvit_nano", "--runtime", "delegate:avx3"], "did you mean 'avx2'"),
        (["binaryvit_nano", "--against", "deit_small:int4"], "unknown precision 'int4'"),
        (["binaryvit_nano", "--delegate", __file__, "--keep"], "--delegate, --keep: for other"),
        (["binaryvit_nano", "--cool-down", "0"], "--cool-down: for other machines alone, or here"),
    ],
)
def test_mistakes(fails, options, words):
    assert words in fails("benchmark", *options)[0]


@pytest.fixture
def measures_nothing(monkeypatch, files):
    """Every entry in every place has an empty result, and models that are made are a file."""

    def here(_, entries, **__):
        return Place("local", "", {}), _results("local", entries), []

    def there(_, places, __, entries, ___):
        return [], [m for place in places for m in _results(place, entries)], []

    monkeypatch.setattr("larq_bvit.bench.run.measure_here", here)
    monkeypatch.setattr("larq_bvit.bench.run._measure_there", there)
    monkeypatch.setattr("larq_bvit.bench.run.keep", lambda *_: files[1])


def _results(place, entries):
    return [Measurement(place, e.file, e.runtime_mode, "", e.threads) for e in entries]


def test_what_repeats_a_measurement_is_no_mistake(run, measures_nothing, files, tmp_path):
    """Options of models that are made do not go to files, nor those of phones to this machine."""
    program = tmp_path / "lce_benchmark_model"
    elsewhere = AARCH64 if platform.machine() == "x86_64" else X86_64
    program.write_bytes(library(elsewhere))
    made, there = ["--images", tmp_path, "--input-size", "64"], ["--binary", program]
    there += ["--cool-down", 5.0, "--timeout", 9.0]
    options = ["--against", "deit_small", "--on", "local", "--on", "adb", *made, *there]
    result = run("benchmark", files[0], *options, "--runs", 1, "--json")
    assert result.exit_code == 0, result.stderr
    measured = json.loads(result.stdout)["measurements"]
    assert len(measured) >= 4
    for one in measured:
        words = shlex.split(one["command"])[1:]
        again = run(*words)
        assert again.exit_code == 0, (words, again.stderr)
        assert all(str(w) in words for w in made) == (one["file"] == "deit_small")
        assert all(str(w) in words for w in there) == (one["place"] == "adb")


def test_what_files_settle(fails, files):
    (line,) = fails("benchmark", files[0], "--input-size", "64")
    assert "--input-size: for models by name alone" in line


def test_a_file_that_nothing_wanted_can_run(fails, files):
    (line,) = fails("benchmark", files[0], "--runtime", "xnnpack")
    assert "binary has binary operators" in line
