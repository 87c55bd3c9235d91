"""Runs a benchmark: makes the files, measures them in every place, and gathers what came."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import larq_bvit
from larq_bvit._quiet import hidden_stderr
from larq_bvit.bench.entry import DELEGATE, LCE, SUITED, Entry, entries
from larq_bvit.bench.local.measure import Files
from larq_bvit.bench.local.measure import measure as measure_here
from larq_bvit.bench.local.reference import reference
from larq_bvit.bench.local.worker import why_none
from larq_bvit.bench.machine import machine
from larq_bvit.bench.place_name import LOCAL
from larq_bvit.bench.remote.connect import connect
from larq_bvit.bench.remote.errors import words_of
from larq_bvit.bench.remote.flow import measure as measure_there
from larq_bvit.bench.remote.several import measure_several
from larq_bvit.bench.remote.shell import Shell
from larq_bvit.bench.request import Request
from larq_bvit.bench.results import Measurement, Place, Results
from larq_bvit.bench.subjects.example import example
from larq_bvit.bench.subjects.facts import input_of, is_binary, measured_file, output_zero_point
from larq_bvit.bench.subjects.kept import keep
from larq_bvit.bench.subjects.subject import Subject
from larq_bvit.runtime.library import VARIABLE, delegate_path

_ALIKE = 0.9  # least cosine of two computations of a network with signs on rounding edges
_Found = tuple[list[Place], list[Measurement], list[str]]
Say = Callable[[str], None]


def benchmark(request: Request, say: Say) -> Results:
    """Everything that was asked for.

    What fails is in the results with its reason; an error means that nothing can be measured.

    Arguments:
        request: what to do.
        say: takes what is under way.

    Raises:
        ValueError: a file that can't be read or made, or that no runtime can run; or this machine
            is to be measured, and can't be.
        OSError: a file can't be read, or the cache can't be written to.
    """
    if any(map(request.is_here, request.places)) and (reason := why_none()):
        raise ValueError(reason)
    computer = machine()  # before its load is ours
    date = datetime.now(timezone.utc).isoformat(timespec="seconds")
    paths = {subject.name: _path(subject, request.cache, say) for subject in request.subjects}
    facts = tuple(
        measured_file(s.name, s.about, paths[s.name], request.accuracies.get(s.name, s.accuracy))
        for s in request.subjects
    )
    files, binary = _read(paths)
    # This machine comes first, alone; then all others at once.
    found: list[_Found] = []
    try:
        for place in filter(request.is_here, request.places):
            here, measured, words = measure_here(
                files,
                _entries(request, binary, _suited_here(request, binary, say)),
                computer=computer,
                rounds=request.rounds_at(place),
                profile=request.profile,
                say=say,
            )
            found.append(([here], measured, words))
        there = [place for place in request.places if not request.is_here(place)]
        for places in ([p for p in there if p == LOCAL], [p for p in there if p != LOCAL]):
            if places:
                wanted = _entries(request, binary, _suited_there(request))
                found.append(_measure_there(request, places, files, wanted, say))
    except (Exception, KeyboardInterrupt) as error:
        if not found:
            raise
        missing = [place for place in request.places if place not in _measured(found)]
        found.append(([], [], [f"{', '.join(missing)} is missing: {words_of(error)}"]))
    return Results(
        command=request.command,
        date=date,
        version=larq_bvit.__version__,
        places=tuple(place for places, _, _ in found for place in places),
        files=facts,
        measurements=tuple(_repeatable(request, m) for _, ms, _ in found for m in ms),
        warnings=(*(text for _, _, texts in found for text in texts), *_wrong(found)),
        baselines=request.baselines,
    )


def _measured(found: Sequence[_Found]) -> set[str]:
    return {place.name for places, _, _ in found for place in places}


def _wrong(found: Sequence[_Found]) -> list[str]:
    """Of measurements whose output is another one than the reference's."""
    return [
        f"{m} computes something else than the reference (cosine {m.cosine:.3f}), by signs on "
        "rounding edges or by a fault: `larq-bvit verify --delegate` tells which"
        for _, measurements, _ in found
        for m in measurements
        if m.cosine is not None and not m.cosine >= _ALIKE
    ]


def _read(paths: dict[str, Path]) -> tuple[Files, list[str]]:
    """What files need to run; and the names of those with LCE's operators."""
    inputs, zero_points, binary = {}, {}, []
    for name, path in paths.items():
        content = path.read_bytes()
        try:
            inputs[name] = example(input_of(content))
            zero_points[name] = output_zero_point(content)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        if is_binary(content):
            binary.append(name)
    return Files(paths, inputs, zero_points), binary


def _path(subject: Subject, cache: Path, say: Say) -> Path:
    if subject.path is not None:
        return subject.path

    def make() -> bytes:
        say(f"making {subject.name}: {subject.about}")
        assert subject.make is not None  # without a path
        with hidden_stderr():  # of converters
            return subject.make()

    return keep(cache, subject.name, subject.content, make)


def _entries(request: Request, binary: list[str], suited: Sequence[tuple[str, str]]) -> list[Entry]:
    names = [s.name for s in request.subjects if s.name not in binary]
    others = [name for name in names if name not in request.baselines]
    baselines = [name for name in names if name in request.baselines]
    return entries(binary, others, baselines, request.runtimes, request.threads, suited)


def _measure_there(
    request: Request, places: list[str], files: Files, wanted: list[Entry], say: Say
) -> _Found:
    """On other machines, at once."""
    expected = {name: reference(path, files.inputs[name]) for name, path in files.paths.items()}

    def work(
        shell: Shell, stopped: Callable[[], bool]
    ) -> tuple[Place, list[Measurement], list[str]]:
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
            zero_points=files.zero_points,
            keep=request.keep,
            timeout=request.timeout,
            say=say,
            stopped=stopped,
        )

    return measure_several({place: partial(connect, place) for place in places}, wanted, work)


def _suited_here(request: Request, binary: list[str], say: Say) -> Sequence[tuple[str, str]]:
    """`SUITED`, without the delegate where none is installed, which is said."""
    if request.runtimes is None and binary and not os.environ.get(VARIABLE):
        try:
            delegate_path()
        except ImportError as error:
            say(f"without {DELEGATE}: {error}")
            return [runtime for runtime in SUITED if runtime[0] != DELEGATE]
    return SUITED


def _suited_there(request: Request) -> Sequence[tuple[str, str]]:
    """Those of `SUITED` that the programs at hand have; all where none has, which is told later."""
    lces = [path for path in request.programs.binaries if "lce" in path.name]
    stock = len(request.programs.binaries) > len(lces) or request.programs.libraries
    there = {LCE: lces, DELEGATE: stock}
    return [runtime for runtime in SUITED if there[runtime[0]]] or SUITED


def _repeatable(request: Request, measured: Measurement) -> Measurement:
    """With the command that repeats it alone; what ran on the machine stands in `there`."""
    subject = next(s for s in request.subjects if s.name == measured.file)
    words = ["larq-bvit", "benchmark", subject.text, "--on", measured.place]
    words += ["--runtime", measured.runtime, "--threads", str(measured.threads)]
    # of the others the command says that they would change nothing
    words += request.options_made if subject.path is None else ()
    if subject.baseline and subject.size and "--input-size" not in words:  # that of the models
        words += ["--input-size", "x".join(map(str, subject.size))]
    words += () if request.is_here(measured.place) else request.options_there
    words += request.options
    return dataclasses.replace(measured, command=shlex.join(words), there=measured.command)
