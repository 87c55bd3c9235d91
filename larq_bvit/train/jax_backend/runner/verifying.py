"""A job's first steps on this machine, beside those that TensorFlow took at the export."""

from __future__ import annotations

import json
import math
import statistics
from typing import Any

import numpy as np
from functions import Functions, Job
from images import Images
from pieces import load_snapshot

EXPECTED = "expected.json"


def verify(job: Job, images: tuple[Images, Images], tolerance: float) -> bool:
    """Takes the steps, prints both, and keeps nothing; whether they agree.

    Compared are the losses, and the lengths of the optimizer's first moments after the last step,
    in the median of all variables: gradients of binary layers jump where a sign flips.

    Arguments:
        tolerance: largest relative difference.

    Raises:
        ValueError: nothing was stored to compare with, or the run has left where it began.
    """
    if not (job.folder / EXPECTED).is_file():
        raise ValueError(f"the job was exported without steps to verify: no {EXPECTED}")
    expected = json.loads((job.folder / EXPECTED).read_text(encoding="utf-8"))
    start = job.folder / "state" / expected["state"]
    if not start.is_dir():
        raise ValueError(f"verify a job before it runs: {start}, where it began, is gone")
    place, values = load_snapshot(start)
    functions = Functions(job, values, images)
    if place["step"] == 0:
        functions.reset_metrics()
    first = place["epoch"] * job.facts["steps_per_epoch"] + place["step"]
    differences = []
    for number, loss in enumerate(expected["loss"]):
        here = functions.train(job.sampler, first + number, 1)["loss"]
        differences.append(_difference(here, loss))
        print(
            f"step {number + 1}: loss {here:.6f} here, {loss:.6f} where it was exported, "
            f"{differences[-1]:.1e} apart",
            flush=True,
        )
    moments = _moments(functions.state(), expected["moments"])
    if moments:
        differences.append(statistics.median(moments.values()))
        worst = max(moments, key=lambda name: moments[name])
        print(
            f"gradients: {differences[-1]:.1e} apart in the median of {len(moments)} variables, "
            f"at most {moments[worst]:.1e} ({worst})"
        )
    agree = max(differences) <= tolerance
    print(f"{'agrees' if agree else 'DOES NOT AGREE'}: {max(differences):.1e} of {tolerance:.1e}")
    return agree


def _moments(values: dict[str, np.ndarray], expected: dict[str, Any]) -> dict[str, float]:
    """{name: relative difference of their lengths}."""
    return {
        name: _difference(float(np.linalg.norm(values[name].astype(np.float64))), length)
        for name, length in expected.items()
    }


def _difference(here: float, there: float) -> float:
    """Relative; infinite where one is no number."""
    if not (math.isfinite(here) and math.isfinite(there)):
        return math.inf
    return abs(here - there) / max(abs(here), abs(there), 1e-300)
