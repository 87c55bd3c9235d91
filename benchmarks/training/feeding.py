"""Whether the input pipeline alone keeps up with training."""

from __future__ import annotations

import itertools
import random
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.training.child import Child
from benchmarks.training.steps import Case, in_turn

_SMALL = 64  # pixels
_COLUMNS, _ROWS, _MOSAICS = 8, 6, 512
_PIXELS = 4096 * 64**2  # of a timed step


def measure(case: Case, images: Path, rounds: int) -> dict[str, Any]:
    """The pipeline of a case's recipe, on all cores; {"shape", "images", "batches", "timing"}."""
    batches = max(8, _PIXELS // (case.size**2 * case.batch))
    with tempfile.TemporaryDirectory() as folder:
        data = f"folder:{images}" if case.size <= _SMALL else mosaics(images, Path(folder))
        options = {"recipe": case.recipe, "data": data, "batch": case.batch, "batches": batches}
        with Child(sys.executable, "benchmarks.training.pipeline", **options) as child:
            timing = in_turn({"pipeline": child}, rounds)["pipeline"]
            return {**child.about, "batches": batches, "timing": asdict(timing)}


def mosaics(images: Path, folder: Path) -> str:
    """Pictures of about ImageNet's size, each of 8 x 6 photographs, as a data set of two classes.

    They have more detail than photographs of that size, and so are slower to decode.
    """
    files = sorted(path for path in images.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    shuffled = random.Random(0).choices(files, k=_MOSAICS * _COLUMNS * _ROWS)
    tiles = iter(shuffled)
    for place in range(_MOSAICS):
        picture = Image.new("RGB", (_COLUMNS * _SMALL, _ROWS * _SMALL))
        for x, y in itertools.product(range(_COLUMNS), range(_ROWS)):
            with Image.open(next(tiles)) as tile:
                picture.paste(tile.resize((_SMALL, _SMALL)), (x * _SMALL, y * _SMALL))
        target = folder / f"class{place % 2}" / f"{place}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        picture.save(target, quality=90)
    return f"folder:{folder}"


def rate(result: dict[str, Any]) -> float:
    """Images per second."""
    return result["shape"][0] * result["batches"] / result["timing"]["median"]
