"""Runs a benchmark: makes the files, measures them in every place, and gathers what came."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import numpy as np

import larq_bvit
from larq_bvit._quiet import hidden_stderr
from larq_bvit.bench.entry import DELEGATE, LCE, Entry, entries
from larq_bvit.bench.local.measure import measure as measure_here
from larq_bvit.bench.local.reference import reference
from larq_bvit.bench.machine import machine
from larq_bvit.bench.remote.connect import connect
from larq_bvit.bench.remote.flow import measure as measure_there
from larq_bvit.bench.remote.several import measure_several
from larq_bvit.bench.remote.shell import Shell
from larq_bvit.bench.request import Request
from larq_bvit.bench.results import Measurement, Place, Results
from larq_bvit.bench.subjects.example import example
from larq_bvit.bench.subjects.facts import input_of, is_binary, measured_file
from larq_bvit.bench.subjects.kept import keep
from larq_bvit.bench.subjects.subject import Subject

_Found = tuple[list[Place], list[Measurement], list[str]]
Say = Callable[[str], None]


@dataclass(frozen=True)
class _Files:
    """{name: path}, and {name: one batch for it}; `binary` are those with LCE's operators."""

    paths: dict[str, Path]
    inputs: dict[str, np.ndarray]
    binary: list[str]


def benchmark(request: Request, say: Say) -> Results:
    """Everything that was asked for.

    What fails is in the results with its reason; an error means that nothing can be measured.

    Arguments:
        request: what to do.
        say: takes what is under way.

    Raises:
        ValueError: a file that can't be read or made, or that no runtime can run.
        OSError: a file can't be read, or the cache can't be written to.
    """
    computer = machine()  # before its load is ours
    date = datetime.now(timezone.utc).isoformat(timespec="seconds")
    paths = {subject.name: _path(subject, request.cache, say) for subject in request.subjects}
    facts = tuple(
        measured_file(s.name, s.about, paths[s.name], request.accuracies.get(s.name, s.accuracy))
        for s in request.subjects
    )
    contents = {name: path.read_bytes() for name, path in paths.items()}
    inputs = {name: example(input_of(content)) for name, content in contents.items()}
    binary = [name for name, content in contents.items() if is_binary(content)]
    files = _Files(paths, inputs, binary)
    places, measured, warnings = [], [], []
    for place in filter(request.is_here, request.places):
        wanted = _entries(request, files, request.runtimes)
        here, found, words = measure_here(
            paths,
            wanted,
            inputs,
            computer=computer,
            rounds=request.rounds_at(place),
            profile=request.profile,
            say=say,
        )
        places, measured, warnings = [here], found, words
    if not all(map(request.is_here, request.places)):
        there, found, words = _measure_there(request, files, say)
        places, measured, warnings = places + there, measured + found, warnings + words
    return Results(
        command=request.command,
        date=date,
        version=larq_bvit.__version__,
        places=tuple(places),
        files=facts,
        measurements=tuple(_with_command(request, m) for m in measured),
        warnings=tuple(warnings),
    )


def _path(subject: Subject, cache: Path, say: Say) -> Path:
    if subject.path is not None:
        return subject.path

    def make() -> bytes:
        say(f"making {subject.name}: {subject.about}")
        assert subject.make is not None  # without a path
        with hidden_stderr():  # of converters
            return subject.make()

    return keep(cache, subject.name, subject.content, make)


def _entries(
    request: Request, files: _Files, runtimes: list[tuple[str, str]] | None
) -> list[Entry]:
    others = [name for name in files.paths if name not in files.binary]
    return entries(files.binary, others, runtimes, request.threads)


def _measure_there(request: Request, files: _Files, say: Say) -> _Found:
    """On all other machines, at once."""
    places = [place for place in request.places if not request.is_here(place)]
    wanted = _entries(request, files, request.runtimes or _runtimes_there(request))
    expected = {name: reference(path, files.inputs[name]) for name, path in files.paths.items()}

    def work(shell: Shell, stopped: Callable[[], bool]) -> tuple[Place, list[Measurement], list]:
        return measure_there(
            shell,
            files.paths,
            wanted,
            programs=request.programs,
            rounds=request.rounds_at(shell.name),
            cool_down=request.cool_down,
            profile=request.profile,
            inputs={name: values.tobytes() for name, values in files.inputs.items()},
            expected={name: output for name, output in expected.items() if output is not None},
            keep=request.keep,
            timeout=request.timeout,
            say=say,
            stopped=stopped,
        )

    return measure_several({place: partial(connect, place) for place in places}, wanted, work)


def _runtimes_there(request: Request) -> list[tuple[str, str]] | None:
    """Those that the programs at hand can run; None where there is none, which is told later."""
    lces = [path for path in request.programs.binaries if "lce" in path.name]
    stock = len(request.programs.binaries) > len(lces) or request.programs.libraries
    found = [(LCE, "indirect")] if lces else []
    return [*found, *([(DELEGATE, "")] if stock else [])] or None


def _with_command(request: Request, measured: Measurement) -> Measurement:
    """How one measurement is repeated, alone; there it is what was run on the machine."""
    if measured.command:
        return measured
    subject = next(s for s in request.subjects if s.name == measured.file)
    words = ["larq-bvit benchmark", subject.path.name if subject.path else subject.name]
    words += ["--on", measured.place, "--runtime", measured.runtime]
    words += ["--threads", str(measured.threads)]
    return dataclasses.replace(measured, command=" ".join(words))
