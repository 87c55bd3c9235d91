"""What JAX has trained as a run's folder, as `larq-bvit train` makes it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import tensorflow as tf

from larq_bvit.train.average import averaged
from larq_bvit.train.disk import explain_full_disk, write_text
from larq_bvit.train.evaluate_model import evaluate
from larq_bvit.train.evaluation import Evaluation
from larq_bvit.train.fitting import open_data
from larq_bvit.train.jax_backend.exporting import VERSION, checkpoints_of, learner_of
from larq_bvit.train.jax_backend.runner import pieces
from larq_bvit.train.jax_backend.variables import named_variables, write
from larq_bvit.train.progress import Progress
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe, recipe_text
from larq_bvit.train.run_evaluation import save_evaluation
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.zoo.weights import load_weights, named_weights, save_weights


def collect(job: str | os.PathLike[str], out: str | os.PathLike[str]) -> Evaluation | None:
    """Makes a run's folder of a job's newest snapshot, history and best weights.

    The folder holds a checkpoint: `larq-bvit train --resume OUT` goes on with it in TensorFlow,
    and `export_job(start=OUT)` in JAX again.

    Returns:
        Keras' evaluation of the best weights; None before the end of the first epoch.

    Raises:
        ValueError: it is no job, or not whole, or `out` holds something else already.
        DiskFullError: no space left.
    """
    job, out = Path(job), Path(out)
    recipe, facts = read_job(job)
    place, values = pieces.newest_snapshot(job / "state")
    progress = Progress(**{name: place[name] for name in ("epoch", "step", "best", "best_epoch")})
    learner, flips = learner_of(recipe, len(facts["data"]["classes"]), facts["steps_per_epoch"])
    write(named_variables(learner, flips), values)
    model = getattr(learner, "student", learner)
    run = RunFolder.create(out, recipe_text(recipe))
    with explain_full_disk("the run", out):
        checkpoints_of(run, recipe, learner, flips, facts["steps_per_epoch"]).save(progress)
        _copy_history(job / "history.csv", run.history, progress.epoch)
        if progress.best_epoch is None:
            return None
        with averaged(learner):
            save_weights(model, run.weights)
        _save_best(job / "best" / f"epoch{progress.best_epoch:05}", model, run.best)
    data = open_data(recipe)
    if list(data.classes) != facts["data"]["classes"]:
        raise ValueError(
            f"expected the job's {len(facts['data']['classes'])} classes in {recipe.data.dataset}; "
            f"got others ({len(data.classes)}): nothing is evaluated"
        )
    load_weights(model, run.best)
    evaluation = evaluate(model, data)
    save_evaluation(run.evaluation, evaluation)
    return evaluation


def read_job(job: Path) -> tuple[Recipe, dict[str, Any]]:
    """A job's recipe and its other facts.

    Raises:
        ValueError: it is no job, or of another version.
    """
    try:
        facts = json.loads((job / "job.json").read_text(encoding="utf-8"))
        recipe = load_recipe(job / "recipe.toml")
    except (OSError, json.JSONDecodeError) as error:
        raise ValueError(f"expected a job of `larq-bvit jax-export`; {job}: {error}") from None
    if facts.get("version") != VERSION:
        raise ValueError(f"expected a job of version {VERSION}; {job} has {facts.get('version')}")
    return recipe, facts


def _copy_history(source: Path, target: Path, epochs: int) -> None:
    """Leaves out an epoch that the snapshot does not have."""
    if source.is_file():
        header, *lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if int(line.partition(",")[0]) <= epochs]
        write_text(target, "".join([header, *kept]))


def _save_best(snapshot: Path, model: tf.keras.Model, path: Path) -> None:
    """Writes the weights of the best epoch, which the model then has."""
    _, weights = pieces.load_snapshot(snapshot)
    named = {f"weights/{name}": weight for name, weight in named_weights(model).items()}
    write(named, weights)
    save_weights(model, path)
