"""Measures files in the runtimes of this machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from larq_bvit._quiet import hidden_stderr
from larq_bvit.bench.cosine import cosine
from larq_bvit.bench.entry import DELEGATE, LCE, RUNTIMES, Entry
from larq_bvit.bench.instructions import instructions
from larq_bvit.bench.local.failures import explain
from larq_bvit.bench.local.mode import Mode
from larq_bvit.bench.local.sensors import Sensors
from larq_bvit.bench.local.turns import in_turn
from larq_bvit.bench.local.worker import Worker
from larq_bvit.bench.machine import Machine
from larq_bvit.bench.pinned import pinned
from larq_bvit.bench.results import Measurement, OpTime, Place
from larq_bvit.bench.timing import Timing, noise

LOCAL = "local"
_REPEATS = 20  # inferences of a profile
_STARTS = 3  # processes, of whose init and first inference the medians count


def measure(
    files: Mapping[str, Path],
    entries: Sequence[Entry],
    inputs: Mapping[str, np.ndarray],
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
        files: {name: path of a .tflite}.
        entries: what to measure.
        inputs: {name of a file: one batch, as it takes it}.
        computer: this machine, as it was before files were made, which is work of its own.
        rounds: samples of each.
        profile: whether our delegate's steps are timed, too, after the rounds.
        say: takes what is under way.
    """
    before = Sensors.read()
    with ExitStack() as stack:
        workers: dict[int, Worker] = {}
        found: list[Measurement] = []
        for i, entry in enumerate(entries):
            say(f"loading {entry}")
            measured = Measurement(
                LOCAL, entry.file, entry.runtime_mode, RUNTIMES[entry.runtime], entry.threads
            )
            try:
                worker, starts = _start(entry, files[entry.file], inputs[entry.file])
            except RuntimeError as error:
                measured = dataclasses.replace(measured, error=explain(entry, str(error)))
            else:
                workers[i] = stack.enter_context(worker)
                measured = _loaded(measured, entry, starts, computer)
            found.append(measured)
        if workers:
            say(f"{rounds} interleaved rounds of {len(workers)}")
            samples = in_turn([worker.turn for worker in workers.values()], rounds)
            for i, times in zip(workers, samples, strict=True):
                found[i] = dataclasses.replace(found[i], steady=Timing.of(times))
        outputs = {i: worker.logits for i, worker in workers.items()}
    warnings = [f"{LOCAL}: {what}" for what in before.changes(Sensors.read())]
    warnings += _noisy(found, computer)
    found = _with_cosines(found, entries, outputs)
    if profile:
        found = [
            _with_profile(m, e, files, inputs, say) for m, e in zip(found, entries, strict=True)
        ]
    return Place(LOCAL, str(computer), computer.as_dict()), found, warnings


def _start(entry: Entry, path: Path, batch: np.ndarray) -> tuple[Worker, list[dict[str, Any]]]:
    """A worker, and what each of several found that were started for the same, one by one."""
    starts = []
    for _ in range(_STARTS - 1):
        with Worker(Mode.of(entry), path, [batch], str(entry)) as worker:
            starts.append(worker.about)
    worker = Worker(Mode.of(entry), path, [batch], str(entry))
    return worker, [*starts, worker.about]


def _loaded(
    measured: Measurement, entry: Entry, starts: Sequence[dict[str, Any]], computer: Machine
) -> Measurement:
    about = starts[-1]
    claims, peaks = about["claims"], [start["peak_memory"] for start in starts]
    return dataclasses.replace(
        measured,
        about=about["runtime"],
        instructions=instructions(entry, computer.instructions, about["isas"]),
        init=median(start["open"] for start in starts),
        first=median(start["first"] for start in starts),
        peak_memory=None if None in peaks else max(peaks),
        activation_bytes=about["activation_bytes"],
        left=claims and claims["left"],
    )


def _noisy(found: Sequence[Measurement], computer: Machine) -> list[str]:
    warnings = []
    if computer.busy:
        warnings.append(
            f"{LOCAL}: the machine was busy with other work (load average {computer.load:.1f} on "
            f"{computer.cores} cores): times are upper bounds, ratios count"
        )
    words = noise({str(m): m.steady for m in found if m.steady is not None})
    return warnings + ([f"{LOCAL}: {words}"] if words else [])


def _with_cosines(
    found: Sequence[Measurement], entries: Sequence[Entry], outputs: Mapping[int, np.ndarray]
) -> list[Measurement]:
    """Of the output and LCE's, where LCE has run the same file."""
    theirs = {entries[i].file: out for i, out in outputs.items() if entries[i].runtime == LCE}
    result = list(found)
    for i, output in outputs.items():
        expected = theirs.get(entries[i].file)
        if expected is not None and expected.shape == output.shape:
            result[i] = dataclasses.replace(result[i], cosine=cosine(output, expected))
    return result


def _with_profile(
    measured: Measurement,
    entry: Entry,
    files: Mapping[str, Path],
    inputs: Mapping[str, np.ndarray],
    say: Callable[[str], None],
) -> Measurement:
    if entry.runtime != DELEGATE or measured.steady is None or entry.threads != 1:
        return measured
    from larq_bvit.runtime import Interpreter

    say(f"profile of {entry}")
    with pinned(), hidden_stderr():
        interpreter = Interpreter(files[entry.file], threads=1, isa=entry.mode or None)
        profile = interpreter.profile(inputs[entry.file], repeats=_REPEATS)
    rows = tuple(OpTime.of_step(row.name, row.kind, row.milliseconds) for row in profile.rows)
    return dataclasses.replace(measured, profile=rows)
