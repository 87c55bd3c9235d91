"""Export, training by JAX and collection in sequence, on one machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from larq_bvit.train.evaluation import Evaluation
from larq_bvit.train.interruption import InterruptedRun
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
        InterruptedRun: SIGTERM or Ctrl-C has stopped it; what is done is saved.
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
    code, received = run([python, str(job / "run.py")])
    if code:
        raise ValueError(f"{python} {job / 'run.py'} ended with code {code}; see what it says")
    place, _ = newest_snapshot(job / "state")
    if place["epoch"] < recipe.epochs:
        if received is not None:
            raise InterruptedRun(received)
        raise ValueError(f"stopped in epoch {place['epoch'] + 1}; the same command goes on")
    evaluation = collect(job, out)
    shutil.rmtree(job)
    return evaluation


def run(command: Sequence[str]) -> tuple[int, signal.Signals | None]:
    """Waits for a program that saves its work on SIGTERM and SIGINT.

    SIGTERM is handed on. Of Ctrl-C the terminal tells the program, too: here it is waited for.

    Returns:
        Its exit code, and the first of these signals, if one came.
    """
    process = subprocess.Popen(command)
    received: list[signal.Signals] = []

    def receive(number: int, frame: FrameType | None) -> None:
        received.append(signal.Signals(number))
        if number == signal.SIGTERM:
            process.terminate()

    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {n: signal.signal(n, receive) for n in (signal.SIGTERM, signal.SIGINT)}
    try:
        code = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code, received[0] if received else None


def _check(python: str) -> None:
    """Before the export takes its minutes."""
    try:
        done = subprocess.run([python, "-c", "import jax"], capture_output=True, text=True)
    except OSError as error:
        raise ValueError(f"expected a Python with JAX; cannot start {python}: {error}") from None
    if done.returncode:
        *_, last = ["it says nothing", *done.stderr.strip().splitlines()]
        raise ValueError(f"expected a Python with JAX; {python}: {last}")
