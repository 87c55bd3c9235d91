"""Export, training by JAX and collection in sequence, on one machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from larq_bvit.train.evaluation import Evaluation
from larq_bvit.train.jax_backend.collecting import collect, read_job
from larq_bvit.train.jax_backend.exporting import export_job
from larq_bvit.train.jax_backend.runner.pieces import newest_snapshot
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import recipe_text
from larq_bvit.train.run_folder import check_recipe


def train(
    recipe: Recipe,
    out: str | os.PathLike[str],
    *,
    python: str | os.PathLike[str] | None = None,
) -> Evaluation | None:
    """As `larq_bvit.train.running.train`, the steps done by JAX.

    The job lies in `OUT.job` meanwhile; if it is there already, it goes on.

    Arguments:
        python: one with JAX and NumPy; by default this one.

    Raises:
        ValueError: as `export_job` and `collect`; the job is another recipe's; the runner was
            stopped, or has failed and said why.
    """
    out = Path(out)
    if out.exists():
        raise ValueError(f"expected a new folder for the run; there is {out} already")
    python = str(python or sys.executable)
    _check(python)
    job = out.with_name(f"{out.name}.job")
    if not job.is_dir():
        export_job(recipe, job)
    check_recipe(recipe_text(read_job(job)[0]), recipe_text(recipe), str(job))
    code = subprocess.run([python, str(job / "run.py")]).returncode
    if code:
        raise ValueError(f"{python} {job / 'run.py'} ended with code {code}; see what it says")
    place, _ = newest_snapshot(job / "state")
    if place["epoch"] < recipe.epochs:
        raise ValueError(f"stopped in epoch {place['epoch'] + 1}; the same command goes on")
    evaluation = collect(job, out)
    shutil.rmtree(job)
    return evaluation


def _check(python: str) -> None:
    """Before the export takes its minutes."""
    try:
        done = subprocess.run([python, "-c", "import jax"], capture_output=True, text=True)
    except OSError as error:
        raise ValueError(f"expected a Python with JAX; cannot start {python}: {error}") from None
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1]
        raise ValueError(f"expected a Python with JAX; {python}: {last}")
