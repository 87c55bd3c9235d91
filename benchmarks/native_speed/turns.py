"""All entries in one run, in turn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.native_speed.runtimes import LCE, TFLITE, Entry
from larq_bvit.bench import Timing
from larq_bvit.bench.local.claims import check_products
from larq_bvit.bench.local.turns import in_turn
from larq_bvit.bench.local.worker import Worker

_SAME = 0.9999  # cosine of logits of which only floats' last bits differ


def measure(
    entries: list[Entry],
    paths: dict[str, Path],
    images: np.ndarray,
    rounds: int,
    say: Callable[[str], None],
) -> list[dict[str, Any]]:
    """Per entry what it is, what its worker found, how far its logits are LCE's, and its times.

    Arguments:
        entries: what to measure.
        paths: {name: path of a .tflite}.
        images: (N, H, W, C), float32; the first is timed, all of them are compared.
        rounds: samples of each.
        say: takes what is under way.
    """
    batches = [image[None] for image in images]
    with ExitStack() as stack:
        workers = []
        for entry in entries:
            say(f"loading {entry}")
            worker = Worker(entry.mode, paths[entry.file], batches, str(entry))
            workers.append(stack.enter_context(worker))
            if entry.runtime == TFLITE:
                check_products(worker.about["claims"])
        say(f"{rounds} interleaved rounds of {len(workers)} entries")
        samples = in_turn([worker.turn for worker in workers], rounds)
    theirs: dict[str, np.ndarray] = {}
    for entry, worker in zip(entries, workers, strict=True):
        if entry.runtime == LCE:  # in the first of its modes
            theirs.setdefault(entry.file, worker.logits)
    return [
        {
            **asdict(entry),
            "about": worker.about,
            "agreement": agreement(worker.logits, theirs.get(entry.file)),
            "timing": asdict(Timing.of(times)),
        }
        for entry, worker, times in zip(entries, workers, samples, strict=True)
    ]


def agreement(logits: np.ndarray, expected: np.ndarray | None) -> dict[str, Any] | None:
    """{"images": number, "same": of them with the same logits, "cosine": the median}.

    One sign on a rounding edge, turned, is in a random network enough for other logits. A fault
    would leave no image the same.
    """
    if expected is None:
        return None
    a, b = logits.astype(np.float64), expected.astype(np.float64)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosines = (a * b).sum(axis=1) / norms
    same = int((cosines > _SAME).sum())
    return {"images": len(cosines), "same": same, "cosine": float(np.median(cosines))}
