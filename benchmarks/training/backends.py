"""Which backend trains fastest on this processor: Keras' `fit` in TensorFlow, or a job in JAX."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.table import Table
from benchmarks.training.child import Child
from benchmarks.training.steps import Case, in_turn
from larq_bvit.bench import Timing, speedup

CASES = (
    Case("binaryvit_nano_tiny_imagenet_step1", 32, 128, 200),
    Case("binaryvit_tiny_tiny_imagenet_step1", 32, 128, 200),
)
FIT = "TensorFlow"
_PRECISIONS = ("float32", "mixed_bfloat16")
TOGETHER = 5  # steps that are timed as one
_IMAGES = 25  # of every class


def measure(case: Case, images: Path, jax_python: str, rounds: int) -> dict[str, Any]:
    """One case; {"case": ..., "sides": {side: {"about", "timing"}}}, times of one step."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as children:
        data = few(images, Path(folder) / "images")
        sides = {}

        def start(side: str, python: str, module: str, **options: Any) -> None:
            child = Child(python, f"benchmarks.training.{module}", steps=TOGETHER, **options)
            sides[side] = children.enter_context(child)

        ours = {"recipe": case.recipe, "batch": case.batch, "classes": case.classes}
        start(FIT, sys.executable, "ours", precision="float32", **ours)
        for precision in _PRECISIONS:
            side = f"{FIT}, an operator on one thread, {precision}"
            start(side, sys.executable, "ours", precision=precision, alone=True, **ours)
            job = _export(case, precision, data, Path(folder) / precision)
            start(f"JAX, {precision}", jax_python, "jax_job", job=str(job))
        timings = in_turn(sides, rounds)
        results = {
            name: {"about": child.about, "timing": asdict(_of_one_step(timings[name]))}
            for name, child in sides.items()
        }
    return {"case": asdict(case), "sides": results}


def few(images: Path, folder: Path) -> str:
    """The first images of every class, by links: a job carries its images."""
    for kind in sorted(path for path in images.iterdir() if path.is_dir()):
        files = sorted(path for path in kind.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
        target = folder / kind.name
        target.mkdir(parents=True)
        for number, file in enumerate(files[:_IMAGES]):  # names may repeat in folders within
            os.symlink(file, target / f"{number:02}{file.suffix}")
    return f"folder:{folder}"


def _export(case: Case, precision: str, data: str, out: Path) -> Path:
    from larq_bvit.train.jax_backend.exporting import export_job
    from larq_bvit.train.recipes import load_recipe

    size = f"data.batch_size={case.batch}"
    recipe = load_recipe(case.recipe, [f"data.dataset={data}", size, f"precision={precision}"])
    return export_job(recipe, out, verify_steps=0)


def _of_one_step(timing: Timing) -> Timing:
    return Timing.of([seconds / TOGETHER for seconds in timing.samples])


def versions(results: Iterable[dict[str, Any]]) -> str:
    """Of JAX, in all results."""
    sides = [side["about"] for result in results for side in result["sides"].values()]
    return ", ".join(sorted({about["jax"] for about in sides if "jax" in about}))


def table(result: dict[str, Any]) -> Table:
    """Of one case."""
    case, rows = result["case"], []
    timings = {side: Timing(**entry["timing"]) for side, entry in result["sides"].items()}
    for side, timing in timings.items():
        times = speedup(timings[FIT], timing)
        ratio = f"{times.value:.2f}x ({times.low:.2f} to {times.high:.2f})"
        rate = f"{case['batch'] / timing.median:,.0f}"
        rows.append((side, rate, "" if side == FIT else ratio))
    title = f"{case['recipe']}, {case['size']} pixels, batch {case['batch']}"
    return Table(title, ("Backend", "Images/s", f"As fast as {FIT}"), rows)
