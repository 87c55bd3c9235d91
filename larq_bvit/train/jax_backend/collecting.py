"""What JAX has trained as a run's folder, as `larq-bvit train` makes it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import tensorflow as tf

from larq_bvit._whole import check_unused, whole_folder
from larq_bvit.train.average import averaged
from larq_bvit.train.build import build_model, without_start
from larq_bvit.train.callbacks.history import read_history, to_csv
from larq_bvit.train.data.load import Data
from larq_bvit.train.disk import explain_full_disk, write_text
from larq_bvit.train.evaluation import Evaluation
from larq_bvit.train.finishing import finish
from larq_bvit.train.fitting import open_data
from larq_bvit.train.jax_backend.exporting import VERSION, data_of, learner_of
from larq_bvit.train.jax_backend.runner import pieces
from larq_bvit.train.jax_backend.variables import named_variables, write
from larq_bvit.train.origin import load_origin
from larq_bvit.train.progress import Progress
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe, recipe_text
from larq_bvit.train.run_checkpoints import run_checkpoints
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.run_history import load_history
from larq_bvit.train.student import student_of
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.weights import save_weights


def collect(job: str | os.PathLike[str], out: str | os.PathLike[str]) -> Evaluation | None:
    """Makes a run's folder of a job's newest snapshot, history and best weights.

    The folder holds a checkpoint: `larq-bvit train --resume OUT` goes on with it in TensorFlow,
    and `export_job(start=OUT)` in JAX again.

    Returns:
        Keras' evaluation of the best weights; None before the end of the first epoch.

    Raises:
        ValueError: it is no job, or not whole, or `out` holds something else already, or the
            recipe's data are not the job's; no folder is left behind.
        DiskFullError: no space left.
    """
    job, out = Path(job), Path(out)
    recipe, facts = read_job(job)
    place, values = pieces.newest_snapshot(job / "state")
    progress = Progress(**{field.name: place[field.name] for field in fields(Progress)})
    classes, steps = facts["data"]["classes"], facts["steps_per_epoch"]
    learner, flips = learner_of(without_start(recipe), classes, steps)
    write(named_variables(learner, flips), values)
    model = student_of(learner)
    with _new_run(out, recipe, job) as run:
        data = data_of(facts["data"], steps)
        run_checkpoints(run, recipe, learner, flips, data).save(progress)
        lines = [line for line in _history(job) if int(line["epoch"]) <= progress.epoch]
        _write_history(run.history, lines)
        if progress.best_epoch is None:
            return None
        with averaged(learner):
            save_weights(model, run.weights)
        snapshot = job / "best" / f"epoch{progress.best_epoch:05}"
        if not snapshot.is_dir():
            raise ValueError(
                f"expected the weights of the best epoch at {snapshot}: take state/ and best/ "
                "while the runner is stopped; --best makes do with those that are there"
            )
        return _finish(snapshot, model, recipe, _data(recipe, classes), run)


def collect_best(job: str | os.PathLike[str], out: str | os.PathLike[str]) -> Evaluation:
    """Makes a run's folder of a job's best weights and history alone: it cannot be resumed.

    Arguments:
        job: of its files only recipe.toml, history.csv and best/ are needed; origin.json and
            machines.csv say more of the run.

    Returns:
        Keras' evaluation of the weights.

    Raises:
        ValueError: one of these is missing or damaged, or `out` holds something else already; no
            folder is left behind.
        DiskFullError: no space left.
    """
    job, out = Path(job), Path(out)
    recipe, lines = load_recipe(job / "recipe.toml"), _history(job)
    load_history(job / "history.csv")  # looks whether it is whole
    names = [f"epoch{int(line['epoch']):05}" for line in lines]
    kept = [name for name in pieces.snapshots(job / "best") if name in names]
    if not kept:
        raise ValueError(
            f"expected weights of an epoch of {job / 'history.csv'} in {job / 'best'}; got none"
        )
    data = open_data(recipe)
    model = build_model(without_start(recipe), data.classes)
    with _new_run(out, recipe, job) as run:
        _write_history(run.history, _while_best(lines, names.index(kept[-1])))
        return _finish(job / "best" / kept[-1], model, recipe, data, run)


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


@contextmanager
def _new_run(out: Path, recipe: Recipe, job: Path) -> Iterator[RunFolder]:
    """A run's folder that is there in the end, or not at all."""
    out = out.absolute()
    check_unused(out, "the run")
    out.parent.mkdir(parents=True, exist_ok=True)
    with explain_full_disk("the run", out), whole_folder(out) as draft:
        run = RunFolder.create(draft, recipe_text(recipe), load_origin(job / "origin.json"))
        if (job / run.machines.name).is_file():
            shutil.copyfile(job / run.machines.name, run.machines)
        yield run


def _data(recipe: Recipe, classes: list[str]) -> Data:
    """A recipe's data, which must be of these classes."""
    data = open_data(recipe)
    if list(data.classes) != classes:
        raise ValueError(
            f"expected the job's {len(classes)} classes in {recipe.data.dataset}; "
            f"got others ({len(data.classes)})"
        )
    return data


def _history(job: Path) -> list[dict[str, str]]:
    """Lines, none before the end of the first epoch."""
    path = job / "history.csv"
    return read_history(path) if path.is_file() else []


def _while_best(lines: list[dict[str, str]], best: int) -> list[dict[str, str]]:
    """Lines up to where a later epoch than `best` was better: its weights came after."""
    highest = float(lines[best]["val_accuracy"])
    later = range(best + 1, len(lines))
    end = next((k for k in later if float(lines[k]["val_accuracy"]) > highest), len(lines))
    return lines[:end]


def _write_history(path: Path, lines: list[dict[str, str]]) -> None:
    if lines:
        write_text(path, to_csv(lines))


def _finish(
    snapshot: Path, model: tf.keras.Model, recipe: Recipe, data: Data, run: RunFolder
) -> Evaluation:
    """Gives a model, and a run, a snapshot's weights, and ends the run with them."""
    _, weights = pieces.load_snapshot(snapshot)
    named = {f"weights/{name}": weight for name, weight in named_weights(model).items()}
    write(named, weights)
    save_weights(model, run.best)
    return finish(model, recipe, data, run)
