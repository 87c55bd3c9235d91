"""How fast a train step is: the published PyTorch code against ours, in turn."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.table import Table
from benchmarks.training.child import Child
from larq_bvit.bench import Ratio, Timing, speedup


@dataclass(frozen=True)
class Case:
    """A model at a size: `recipe` says how ours is trained, PyTorch's the same."""

    recipe: str
    size: int
    batch: int
    classes: int


CASES = (
    Case("binaryvit_small_tiny_imagenet", 64, 64, 200),
    Case("binaryvit_imagenet", 224, 16, 1000),
)
PUBLISHED = "published PyTorch code"
OURS = {"larq_bvit, float32": "float32", "larq_bvit, mixed_bfloat16": "mixed_bfloat16"}


def in_turn(children: dict[str, Child], rounds: int) -> dict[str, Timing]:
    """A step of each child in every round, so that a busy minute hits all; the first is let go."""
    samples: dict[str, list[float]] = {name: [] for name in children}
    for round_ in range(rounds + 1):
        for name, child in children.items():
            seconds = child.step()
            if round_:
                samples[name].append(seconds)
    return {name: Timing.of(times) for name, times in samples.items()}


def measure(case: Case, published: str, torch_python: str, rounds: int) -> dict[str, Any]:
    """One size; {"case": ..., "pairs": {side of ours: {side: {"about", "timing"}}}}.

    Two processes at a time: at 224 pixels each takes 5 to 9 GB of memory.
    """
    sizes = {"batch": case.batch, "classes": case.classes}
    pairs = {}
    for side, precision in OURS.items():
        options = {"recipe": case.recipe, "precision": precision, **sizes}
        theirs = {"folder": published, "size": case.size, **sizes}
        with (
            Child(sys.executable, "benchmarks.training.ours", **options) as ours,
            Child(torch_python, "benchmarks.training.published", **theirs) as torch,
        ):
            children = {side: ours, PUBLISHED: torch}
            timings = in_turn(children, rounds)
        pairs[side] = {
            name: {"about": child.about, "timing": asdict(timings[name])}
            for name, child in children.items()
        }
    return {"case": asdict(case), "pairs": pairs}


def rate(result: dict[str, Any], side: str) -> float:
    """Images per second of one of ours."""
    return result["case"]["batch"] / result["pairs"][side][side]["timing"]["median"]


def ratio(result: dict[str, Any], side: str) -> Ratio:
    """How many times as fast as the published code one of ours is."""
    pair = result["pairs"][side]
    theirs, ours = (Timing(**pair[name]["timing"]) for name in (PUBLISHED, side))
    return speedup(theirs, ours)


def fastest(result: dict[str, Any]) -> str:
    """Our side with the most images per second."""
    return max(OURS, key=lambda side: rate(result, side))


def table(result: dict[str, Any]) -> Table:
    """Of one size."""
    case, rows = result["case"], []
    for side, pair in result["pairs"].items():
        times = ratio(result, side)
        for name in (PUBLISHED, side):
            seconds, about = pair[name]["timing"]["median"], pair[name]["about"]
            speed = f"{times.value:.2f}x ({times.low:.2f} to {times.high:.2f})"
            rates = f"{seconds:.2f}", f"{case['batch'] / seconds:.1f}"
            rows.append((name, *rates, speed if name == side else "", f"{about['first']:.0f}"))
    columns = ("Train step", "Seconds", "Images/s", "As fast as published", "Start to 1st step, s")
    return Table(f"{case['size']} pixels, batch {case['batch']}", columns, rows)
