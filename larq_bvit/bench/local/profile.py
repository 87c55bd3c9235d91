"""Times of our delegate's steps, after the rounds: counting costs time of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from larq_bvit._quiet import hidden_stderr
from larq_bvit.bench.entry import DELEGATE, Entry
from larq_bvit.bench.pinned import pinned
from larq_bvit.bench.results import Measurement, OpTime

_REPEATS = 20  # inferences


def with_profile(
    measured: Measurement,
    entry: Entry,
    paths: Mapping[str, Path],
    inputs: Mapping[str, np.ndarray],
    core: int | None,
    say: Callable[[str], None],
) -> Measurement:
    """The measurement, with a profile where our delegate ran it in one thread, on that core."""
    if entry.runtime != DELEGATE or measured.steady is None or entry.threads != 1:
        return measured
    from larq_bvit.runtime import Interpreter

    say(f"profile of {entry}")
    try:
        with pinned(core), hidden_stderr():
            interpreter = Interpreter(paths[entry.file], threads=1, isa=entry.mode or None)
            profile = interpreter.profile(inputs[entry.file], repeats=_REPEATS)
    except (ValueError, ImportError) as error:  # a model of several inputs, above all
        return dataclasses.replace(measured, notes=(*measured.notes, f"no profile: {error}"))
    rows = tuple(OpTime.of_step(row.name, row.kind, row.milliseconds) for row in profile.rows)
    return dataclasses.replace(measured, profile=rows)
