"""What a benchmark measures where."""

from pathlib import Path

import pytest

from larq_bvit.bench import run
from larq_bvit.bench.local.measure import Files
from larq_bvit.bench.remote.programs import Programs
from larq_bvit.bench.request import Request
from larq_bvit.bench.subjects.subject import Subject

LCE_PROGRAM, STOCK_PROGRAM = Path("lce_benchmark_model"), Path("benchmark_model")


def runtimes(monkeypatch, programs, wanted=None):
    """{file: runtimes} on a phone, of a binary file and one of full precision."""
    found = []

    def measure_there(request, places, files, entries, say):
        found.extend(entries)
        return [], [], []

    monkeypatch.setattr(run, "machine", lambda: None)
    monkeypatch.setattr(run, "measured_file", lambda *_: None)
    monkeypatch.setattr(run, "_read", lambda paths: (Files(paths, {}, {}), ["binary"]))
    monkeypatch.setattr(run, "_measure_there", measure_there)
    request = Request(
        command="",
        options=(),
        subjects=tuple(Subject(name, "", path=Path(name)) for name in ("binary", "full")),
        baselines=(),
        places=("adb",),
        runtimes=wanted,
        threads=[1],
        rounds=1,
        cache=Path("unused"),
        programs=programs,
    )
    run.benchmark(request, print)
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
