"""What a benchmark measures where."""

from dataclasses import replace
from pathlib import Path

import pytest

from larq_bvit.bench import run
from larq_bvit.bench.local.measure import Files
from larq_bvit.bench.remote.programs import Programs
from larq_bvit.bench.request import Request
from larq_bvit.bench.results import Measurement, Place
from larq_bvit.bench.subjects.subject import Making, Subject, all_subjects
from larq_bvit.cli.catalog import CATALOG

LCE_PROGRAM, STOCK_PROGRAM = Path("lce_benchmark_model"), Path("benchmark_model")


REQUEST = Request(
    command="",
    options=(),
    subjects=(),
    baselines=(),
    places=("local",),
    runtimes=None,
    threads=[1],
    rounds=1,
    cache=Path("unused"),
)


def runtimes(monkeypatch, programs, wanted=None, place="adb", say=print):
    """{file: runtimes} in a place, of a binary file and one of full precision."""
    found = []

    def measure_here(files, entries, **options):
        found.extend(entries)
        return None, [], []

    def measure_there(request, places, files, entries, say):
        found.extend(entries)
        return [], [], []

    monkeypatch.setattr(run, "machine", lambda: None)
    monkeypatch.setattr(run, "measured_file", lambda *_: None)
    monkeypatch.setattr(run, "_read", lambda paths: (Files(paths, {}, {}), ["binary"]))
    monkeypatch.setattr(run, "measure_here", measure_here)
    monkeypatch.setattr(run, "_measure_there", measure_there)
    request = replace(
        REQUEST,
        subjects=tuple(Subject(name, "", path=Path(name)) for name in ("binary", "full")),
        places=(place,),
        runtimes=wanted,
        programs=programs,
    )
    run.benchmark(request, say)
    return {name: [e.runtime_mode for e in found if e.file == name] for name in ("binary", "full")}


@pytest.mark.parametrize(
    ("binaries", "binary"),
    [
        ((LCE_PROGRAM,), ["lce:indirect"]),
        ((STOCK_PROGRAM,), ["delegate"]),
        ((LCE_PROGRAM, STOCK_PROGRAM), ["lce:indirect", "delegate"]),
        ((), ["lce:indirect", "delegate"]),  # what is missing is told there
    ],
)
def test_full_precision_is_xnnpacks_whatever_programs_there_are(monkeypatch, binaries, binary):
    found = runtimes(monkeypatch, Programs(binaries=binaries))
    assert found == {"binary": binary, "full": ["xnnpack"]}


def test_what_the_user_wants_goes_first(monkeypatch):
    found = runtimes(monkeypatch, Programs(binaries=(LCE_PROGRAM,)), [("delegate", "")])
    assert found == {"binary": ["delegate"], "full": ["delegate"]}


@pytest.mark.parametrize(
    ("named", "wanted", "binary", "words"),
    [
        (None, None, ["lce:indirect"], ["without delegate: built at install"]),
        (None, [("delegate", "")], ["delegate"], []),  # fails in words
        ("/nowhere.so", None, ["lce:indirect", "delegate"], []),  # this one, too
    ],
)
def test_what_is_not_installed_is_no_default(monkeypatch, named, wanted, binary, words):
    def delegate_path():
        raise ImportError("built at install")

    monkeypatch.setattr(run, "delegate_path", delegate_path)
    monkeypatch.delenv("LARQ_BVIT_DELEGATE", raising=False)
    if named:
        monkeypatch.setenv("LARQ_BVIT_DELEGATE", named)
    said = []
    found = runtimes(monkeypatch, Programs(), wanted, "local", said.append)
    assert found["binary"] == binary and said == words


def test_a_system_without_forks(monkeypatch):
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    with pytest.raises(ValueError, match="expected Linux or macOS, or another machine by --on"):
        runtimes(monkeypatch, Programs(), place="local")
    assert runtimes(monkeypatch, Programs())["full"] == ["xnnpack"]  # on a phone


def measured(file):
    return Measurement("local", file, "xnnpack", "XNNPACK", 1)


def test_what_is_measured_against_is_repeated_at_the_models_size():
    subjects = all_subjects(["binaryvit_small"], ["deit_small:int8"], CATALOG, Making())
    request = replace(REQUEST, subjects=subjects)
    own, other = (run._repeatable(request, measured(s.name)).command for s in subjects)
    assert "--input-size" not in own
    assert other.startswith("larq-bvit benchmark deit_small:int8 ")
    assert other.endswith("--input-size 64x64")
    made = replace(request, options_made=("--input-size", "64"))
    again = run._repeatable(made, measured("deit_small:int8")).command
    assert again.count("--input-size") == 1


@pytest.fixture
def ran(monkeypatch):
    """Two places: this machine has one measurement, of a cosine, and what happens on the other."""
    subject = Subject("binary", "", path=Path("binary"))
    here = Measurement("local", "binary", "delegate", "", 1, cosine=0.5)
    monkeypatch.setattr(run, "machine", lambda: None)
    monkeypatch.setattr(run, "measured_file", lambda *_: None)
    monkeypatch.setattr(run, "_read", lambda paths: (Files(paths, {}, {}), ["binary"]))
    monkeypatch.setattr(
        run, "measure_here", lambda *_, **__: (Place("local", "", {}), [here], ["noisy"])
    )

    def measured(there, places=("local", "adb:1")):
        monkeypatch.setattr(run, "_measure_there", there)
        return run.benchmark(replace(REQUEST, subjects=(subject,), places=places), print)

    return measured


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("no more")])
def test_what_was_measured_is_kept_when_a_later_place_fails(ran, error):
    def fails(*_):
        raise error

    results = ran(fails)
    assert [m.place for m in results.measurements] == ["local"]
    words = f"adb:1 is missing: {type(error).__name__}: {error}"
    assert results.warnings[:2] == ("noisy", words)
    with pytest.raises(type(error)):
        ran(fails, places=("adb:1",))


def test_an_output_that_is_not_the_references_is_warned_of(ran):
    results = ran(lambda *_: ([], [Measurement("adb:1", "binary", "lce", "", 1, cosine=0.99)], []))
    (warning,) = results.warnings[1:]
    assert warning.startswith("binary, delegate") and "(cosine 0.500)" in warning
