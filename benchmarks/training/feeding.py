"""Whether the input pipeline alone keeps up with training."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.training.child import Child
from benchmarks.training.steps import Case, in_turn

_LARGE = (500, 375)  # pixels, the usual image of ImageNet
_ENLARGED = 1024  # so many of them
_PIXELS = 4096 * 64**2  # of a timed step


def measure(case: Case, data: str, rounds: int) -> dict[str, Any]:
    """The pipeline of a case's recipe, on all cores; {"shape", "images", "batches", "timing"}."""
    batches = max(8, _PIXELS // (case.size**2 * case.batch))
    options = {"recipe": case.recipe, "data": data, "batch": case.batch, "batches": batches}
    with Child(sys.executable, "benchmarks.training.pipeline", **options) as child:
        timing = in_turn({"pipeline": child}, rounds)["pipeline"]
        return {**child.about, "batches": batches, "timing": asdict(timing)}


def enlarged(images: Path, folder: Path) -> str:
    """Some photographs made as large as ImageNet's, as a data set of two classes."""
    files = sorted(path for path in images.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    for place, path in enumerate(files[:: max(1, len(files) // _ENLARGED)][:_ENLARGED]):
        target = folder / f"class{place % 2}" / f"{place}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(path) as image:
            image.convert("RGB").resize(_LARGE, Image.Resampling.BICUBIC).save(target, quality=95)
    return f"folder:{folder}"


def rate(result: dict[str, Any]) -> float:
    """Images per second."""
    return result["shape"][0] * result["batches"] / result["timing"]["median"]
