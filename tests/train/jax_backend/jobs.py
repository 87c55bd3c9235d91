"""Tiny jobs, and their runner in a process of its own."""

import csv
import subprocess
import sys
from pathlib import Path

from larq_bvit.train.jax_backend.runner import pieces
from tests.train.data.common import encode, pixels

CLASSES, SIZE = 3, 32


def write_images(root: Path, train: int, evaluation: int = 7) -> Path:
    """Class folders of PNG files of one size."""
    for split, count in (("train", train), ("val", evaluation)):
        for i in range(count):
            path = root / split / f"class{i % CLASSES}" / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(pixels((SIZE, SIZE), seed=i), "png"))
    return root


def command(job: Path, *arguments: object) -> list[str]:
    return [sys.executable, str(job / "run.py"), *map(str, arguments)]


def run(job: Path, *arguments: object) -> str:
    """What the runner prints; it must succeed."""
    done = subprocess.run(command(job, *arguments), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def fails(job: Path, *arguments: object, code: int = 2) -> str:
    """What the runner says when it ends with this code."""
    done = subprocess.run(command(job, *arguments), capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def compiled(cache: Path) -> set[str]:
    """A job's functions in JAX's cache, by names that tell programs apart."""
    return {path.name for path in cache.glob("jit__*-cache")}


def state(job: Path) -> dict:
    """{name: array} of the newest snapshot."""
    return pieces.newest_snapshot(job / "state")[1]


def history(path: Path) -> list[dict]:
    """Lines of a history without what time has a part in."""
    with open(path) as file:
        lines = list(csv.DictReader(file))
    return [
        {k: float(v) for k, v in line.items() if k not in ("seconds", "images_per_second")}
        for line in lines
    ]
