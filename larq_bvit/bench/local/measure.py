"""Measures files in the runtimes of this machine."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from larq_bvit.bench.cosine import cosine
from larq_bvit.bench.entry import LCE, RUNTIMES, XNNPACK, Entry
from larq_bvit.bench.instructions import instructions
from larq_bvit.bench.local.cores import Cores
from larq_bvit.bench.local.failures import explain
from larq_bvit.bench.local.mode import Mode
from larq_bvit.bench.local.profile import with_profile
from larq_bvit.bench.local.reference import reference
from larq_bvit.bench.local.turns import in_turn
from larq_bvit.bench.local.worker import Worker
from larq_bvit.bench.machine import Machine
from larq_bvit.bench.place_name import LOCAL
from larq_bvit.bench.results import Measurement, Place
from larq_bvit.bench.timing import Timing, noise

_STARTS = 3  # processes, of whose init and first inference the medians count


@dataclass(frozen=True)
class Files:
    """{name: what it is} of all files.

    Attributes:
        paths: of the .tflite files.
        inputs: one batch each, as the file takes it.
        zero_points: what stands for 0 in their outputs.
    """

    paths: Mapping[str, Path]
    inputs: Mapping[str, np.ndarray]
    zero_points: Mapping[str, int]


def measure(
    files: Files,
    entries: Sequence[Entry],
    *,
    computer: Machine,
    rounds: int,
    profile: bool = True,
    say: Callable[[str], None],
) -> tuple[Place, list[Measurement], list[str]]:
    """This machine, a measurement per entry in their order, and warnings.

    All files are loaded, each in a process of its own; then all have a turn in every round. An
    entry that fails has an error, and the others go on.

    Arguments:
        files: what to run.
        entries: what to measure.
        computer: this machine, as it was before files were made, which is work of its own.
        rounds: samples of each.
        profile: whether our delegate's steps are timed, too, after the rounds.
        say: takes what is under way.
    """
    cores = Cores()
    with ExitStack() as stack:
        workers: dict[int, Worker] = {}
        found: list[Measurement] = []
        for i, entry in enumerate(entries):
            say(f"loading {entry}")
            measured, worker = _load(entry, files, computer, cores)
            found.append(measured)
            if worker is not None:
                workers[i] = stack.enter_context(worker)
        expected = _expected(workers, entries, files)
        cores.read()
        if workers:
            say(f"{rounds} interleaved rounds of {len(workers)}")
            _run(workers, entries, found, rounds, cores)
        outputs = {i: workers[i].outputs[0] for i in workers if found[i].error is None}
    found = _with_cosines(found, outputs, expected, files.zero_points)
    if profile:
        pairs = zip(found, entries, strict=True)
        core = next(iter(cores.of(1)), None)
        found = [with_profile(m, e, files.paths, files.inputs, core, say) for m, e in pairs]
    warnings = [*_busy(computer), *cores.warnings(entries)]
    warnings += filter(None, [noise({str(m): m.steady for m in found if m.steady is not None})])
    facts = {**computer.as_dict(), **cores.facts()}
    return Place(LOCAL, str(computer), facts), found, [f"{LOCAL}: {text}" for text in warnings]


def _load(
    entry: Entry, files: Files, computer: Machine, cores: Cores
) -> tuple[Measurement, Worker | None]:
    """What starts tell; and a worker for the rounds, if it did not fail."""
    measured = Measurement(
        LOCAL, entry.file, entry.runtime_mode, RUNTIMES[entry.runtime], entry.threads
    )
    path, batches = files.paths[entry.file], [files.inputs[entry.file]]
    start = partial(
        Worker, Mode.of(entry), path, batches, str(entry), cores=cores.of(entry.threads)
    )
    starts = []
    try:
        for _ in range(_STARTS):
            with start() as worker:
                starts.append(worker.about)
        last = start(warm=True)
    except RuntimeError as error:
        return dataclasses.replace(measured, error=explain(entry, str(error))), None
    notes = cores.notes(entry.threads)
    return _loaded(measured, entry, starts, last.about, computer, notes), last


def _loaded(
    measured: Measurement,
    entry: Entry,
    starts: Sequence[Mapping[str, Any]],
    warm: Mapping[str, Any],
    computer: Machine,
    told: Sequence[str],
) -> Measurement:
    left = warm["claims"] and warm["claims"]["left"]
    notes = list(told)
    if entry.runtime == XNNPACK and left:
        operators = ", ".join(f"{count} {name}" for name, count in left.items())
        notes.append(f"XNNPACK left to other kernels: {operators}")
    if warm["inputs"] > 1:
        notes.append(f"of its {warm['inputs']} inputs all but the first were zeros")
    return dataclasses.replace(
        measured,
        about=warm["runtime"],
        instructions=instructions(entry, computer.instructions, warm["isas"]),
        init=median(start["open"] for start in starts),
        first=median(start["first"] for start in starts),
        peak_memory=warm["peak_memory"],
        activation_bytes=warm["activation_bytes"],
        left=left,
        notes=tuple(notes),
    )


def _run(
    workers: Mapping[int, Worker],
    entries: Sequence[Entry],
    found: list[Measurement],
    rounds: int,
    cores: Cores,
) -> None:
    """The rounds; a worker that ends has its error in `found`, the others their times."""

    def turn(i: int) -> float:
        if found[i].error is None:
            try:
                return workers[i].turn()
            except RuntimeError as error:
                reason = explain(entries[i], str(error))
                found[i] = dataclasses.replace(found[i], error=reason)
        return math.nan

    samples = in_turn([partial(turn, i) for i in workers], rounds, after=cores.read)
    for i, times in zip(workers, samples, strict=True):
        if found[i].error is None:
            found[i] = dataclasses.replace(found[i], steady=Timing.of(times))


def _busy(computer: Machine) -> list[str]:
    if not computer.busy:
        return []
    return [
        f"the machine was busy with other work (load average {computer.load:.1f} on "
        f"{computer.cores} cores): times are upper bounds, ratios count"
    ]


def _expected(
    workers: Mapping[int, Worker], entries: Sequence[Entry], files: Files
) -> dict[str, np.ndarray]:
    """{file: its output} by LCE's own kernels alone, in an entry or a run of its own."""
    expected: dict[str, np.ndarray] = {}
    ran: dict[str, set[str]] = {}
    for i, worker in workers.items():
        ran.setdefault(entries[i].file, set()).add(entries[i].runtime)
        if entries[i].runtime == LCE and entries[i].mode != XNNPACK:
            expected.setdefault(entries[i].file, worker.outputs[0])
    for name in ran.keys() - expected.keys():
        # XNNPACK alone would be compared with itself
        runtimes = [LCE] if ran[name] == {XNNPACK} else [LCE, XNNPACK]
        output = reference(files.paths[name], files.inputs[name], runtimes)
        if output is not None:
            expected[name] = output
    return expected


def _with_cosines(
    found: Sequence[Measurement],
    outputs: Mapping[int, np.ndarray],
    expected: Mapping[str, np.ndarray],
    zero_points: Mapping[str, int],
) -> list[Measurement]:
    """Of the output and what was expected of the file."""
    result = list(found)
    for i, output in outputs.items():
        theirs = expected.get(found[i].file)
        if theirs is not None and theirs.shape == output.shape:
            angle = cosine(output, theirs, zero_points[found[i].file])
            result[i] = dataclasses.replace(result[i], cosine=angle)
    return result
