"""A recipe's run as a folder that JAX can train: a job."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

import larq_bvit
from larq_bvit._extras import require
from larq_bvit._whole import check_unused, whole_folder
from larq_bvit.train.build import build_model, without_start
from larq_bvit.train.checkpoint import check_resumable, has_checkpoint
from larq_bvit.train.data import draws, sampler
from larq_bvit.train.disk import explain_full_disk
from larq_bvit.train.fitting import compile_model, warn_of_few_steps
from larq_bvit.train.flips import Flips
from larq_bvit.train.jax_backend.expecting import EXPECTED, expected_steps
from larq_bvit.train.jax_backend.lowering import lower
from larq_bvit.train.jax_backend.runner import pieces
from larq_bvit.train.jax_backend.shards import Shards, plan_shards, write_shards
from larq_bvit.train.jax_backend.steps import (
    Function,
    evaluation_function,
    signs_function,
    train_function,
)
from larq_bvit.train.jax_backend.variables import (
    evaluated,
    learning_rate_name,
    moments,
    named_variables,
    read,
    teacher_variables,
)
from larq_bvit.train.machine_settings import check_same_training
from larq_bvit.train.origin import load_origin, origin_here, save_origin
from larq_bvit.train.progress import Progress
from larq_bvit.train.randomness import seed_all
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import recipe_text
from larq_bvit.train.run_checkpoints import run_checkpoints
from larq_bvit.train.run_data import RunData
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.schedule import make_schedule, numbers_from
from larq_bvit.train.student import student_of
from larq_bvit.zoo.weights import read_weights

VERSION = 2  # of a job; the runner has it, too
_RUNNER = (
    "run.py", "verifying.py", "functions.py", "programs.py", "images.py", "pieces.py",
    "processor.py", "memory.py",
)  # fmt: skip
_TOGETHER = 100  # steps in one call, at most: what a progress line covers


def export_job(
    recipe: Recipe,
    out: str | os.PathLike[str],
    *,
    start: str | os.PathLike[str] | None = None,
    encoded: bool = False,
    base: tuple[int, int] | None = None,
    parts: str = "all",
    verify_steps: int = 5,
) -> Path:
    """Writes a job: all that `python OUT/run.py` needs to train a recipe by JAX.

    Arguments:
        out: a new or empty folder.
        start: folder of a run of this recipe, whatever its machine's settings, to go on from its
            newest checkpoint.
        encoded, base: see `plan_shards`.
        parts: "all"; "step", the job without its data; or "data", the folder `data` alone.
        verify_steps: how many steps TensorFlow takes here for `run.py --verify` to compare with;
            0 for none. They take this machine's memory and time.

    Returns:
        The folder.

    Raises:
        ValueError: the folder is not empty; the recipe does not fit its data, XLA or the run to
            start from, or that has no checkpoint.
        ImportError: JAX is missing.
        DiskFullError: no space left.
    """
    out = Path(out).absolute()
    check_unused(out, "the job")
    require("jax", "jax")
    run = None if start is None else RunFolder.open(Path(start))
    if run is not None:
        check_resumable(run)
        there = run.recipe.read_text(encoding="utf-8")
        check_same_training(there, recipe_text(recipe), str(run.path))
    shards = plan_shards(replace(recipe.data, seed=recipe.seed), encoded=encoded, base=base)
    out.parent.mkdir(parents=True, exist_ok=True)
    with explain_full_disk("the job", out), whole_folder(out) as draft:
        if parts != "data":
            _export_steps(recipe, shards, draft, run, verify_steps)
        if parts != "step":
            write_shards(shards, draft / "data")
    return out


def _export_steps(
    recipe: Recipe, shards: Shards, out: Path, run: RunFolder | None, verify_steps: int
) -> None:
    options = _sampler_options(recipe, shards)
    order = sampler.Sampler(**options)
    start = recipe if run is None or not has_checkpoint(run) else without_start(recipe)
    learner, flips = learner_of(start, shards.train.source.classes, order.steps_per_epoch)
    progress = Progress()
    if run is None:
        warn_of_few_steps(recipe.epochs, len(shards.train.source), order.steps_per_epoch)
    else:
        student = student_of(learner)
        images = tf.TensorSpec(student.input_shape), tf.TensorSpec(student.output_shape)
        data = data_of(shards.about(), order.steps_per_epoch)
        checkpoints = run_checkpoints(run, recipe, learner, flips, data)
        progress = checkpoints.restore(images)
    variables = named_variables(learner, flips)
    functions = _functions(recipe, learner, flips, shards)
    swapped = evaluated(learner, variables)
    schedule = make_schedule(recipe, order.steps_per_epoch).numbers
    fixed = {**teacher_variables(learner), "schedule": tf.Variable(schedule, dtype=tf.float64)}
    constants = read(fixed)
    with numbers_from(fixed["schedule"]):
        entries = {
            name: _write_function(out, name, function, {**variables, **fixed}, constants)
            for name, function in functions.items()
        }
    # evaluation has the averages in the place of weights, where there are any
    evaluation = entries["evaluation"]
    for key in ("fixed", "inputs"):
        evaluation[key] = [swapped.get(name, name) for name in evaluation[key]]
    write_snapshot(out, learner, variables, progress)
    if run is not None:
        _copy_past(run, out, progress, set(swapped))
    if verify_steps and progress.step < order.steps_per_epoch:
        # last of all that looks at the model, which it trains
        kept = moments(learner, variables)
        expected = expected_steps(
            functions["train"], shards.train, order, progress, verify_steps, kept
        )
        pieces.write_text(out / EXPECTED, json.dumps(expected, indent=1))
    facts = {
        "version": VERSION,
        "made_with": _versions(),
        "name": recipe.name,
        "epochs": recipe.epochs,
        "steps_per_epoch": order.steps_per_epoch,
        "batch_size": recipe.data.batch_size,
        "eval_batch_size": recipe.data.eval_batch_size or recipe.data.batch_size,
        "together": min(_TOGETHER, order.steps_per_epoch),
        "sampler": options,
        "drawn": pieces.drawn(order),
        "learning_rate": learning_rate_name(learner, variables),
        "evaluated": swapped,
        "functions": entries,
        "constants": _write_constants(out, constants),
        "data": shards.about(),
    }
    (out / "recipe.toml").write_text(recipe_text(recipe), encoding="utf-8")
    save_origin(out / "origin.json", origin_here() if run is None else load_origin(run.origin))
    if run is not None and run.machines.is_file():
        shutil.copyfile(run.machines, out / run.machines.name)
    here = Path(__file__).parent / "runner"
    for file in (*(here / name for name in _RUNNER), Path(sampler.__file__)):
        shutil.copyfile(file, out / file.name)
    files = sorted(path for path in out.iterdir() if path.is_file() and path.suffix != ".csv")
    facts["files"] = {path.name: pieces.digest(path) for path in files}
    pieces.write_text(out / "job.json", json.dumps(facts, indent=1))


def _sampler_options(recipe: Recipe, shards: Shards) -> dict[str, Any]:
    return {
        "examples": len(shards.train.source),
        "batch_size": recipe.data.batch_size,
        "width": sum(draws.widths(recipe.data.augmentation.rand_augment).values()),
        "seed": recipe.seed,
        "window": recipe.data.shuffle_window,
    }


def _functions(
    recipe: Recipe, learner: tf.keras.Model, flips: Flips, shards: Shards
) -> dict[str, Function]:
    train, evaluation = shards.train, shards.evaluation
    functions = {
        "train": train_function(learner, recipe.data, train.shape, cropped=train.cropped),
        "evaluation": evaluation_function(
            learner, recipe.data, evaluation.shape, cropped=evaluation.cropped
        ),
        "signs": signs_function(learner, flips),
    }
    return {name: function for name, function in functions.items() if function.results}


def _write_function(
    out: Path,
    name: str,
    function: Function,
    variables: dict[str, Any],
    constants: dict[str, np.ndarray],
) -> dict[str, Any]:
    """Writes a function's StableHLO; returns what the runner must know, and adds its constants."""
    from larq_bvit.train.jax_backend.stablehlo import to_stablehlo

    lowered = lower(function.call, list(function.arguments.values()), variables)
    artifact = to_stablehlo(lowered)
    path = out / f"{name}.stablehlo"
    path.write_bytes(artifact.content)
    inputs = []
    for number, value in enumerate(lowered.inputs):
        if isinstance(value, str):
            inputs.append(value)
        else:
            inputs.append(f"constants/{name}/{number}")
            constants[inputs[-1]] = value
    return {
        "file": path.name,
        "inputs": inputs,
        "changing": artifact.updates,
        "fixed": [key for key in inputs if key not in artifact.updates],
        "results": list(function.results),
    }


def write_snapshot(
    out: Path, learner: tf.keras.Model, variables: dict[str, Any], progress: Progress
) -> None:
    """Where a run stands, as the runner keeps it."""
    logs = {m.name: float(m.result()) for m in learner.metrics} if progress.step else {}
    facts = {**asdict(progress), "logs": logs}
    pieces.save_snapshot(out / "state", progress.name, facts, read(variables))


def _copy_past(run: RunFolder, out: Path, progress: Progress, names: set[str]) -> None:
    """What a run has done before: its history, and the weights of its best epoch."""
    if run.history.is_file():
        shutil.copyfile(run.history, out / "history.csv")
    if progress.best_epoch is None or not run.best.is_file():
        return
    weights = {f"weights/{path}": array for path, array in read_weights(run.best).items()}
    assert weights.keys() == names, sorted(weights.keys() ^ names)[:10]
    epoch = progress.best_epoch
    pieces.save_snapshot(out / "best", f"epoch{epoch:05}", {"epoch": epoch}, weights)


def _write_constants(out: Path, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """What no step changes: the teacher's weights, and tables."""
    folder = out / "constants"
    folder.mkdir()
    return pieces.save_arrays(folder, "constants", arrays)


def _versions() -> dict[str, str]:
    import jax

    return {
        "larq_bvit": larq_bvit.__version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "jax": jax.__version__,
    }


def learner_of(
    recipe: Recipe, classes: int | Sequence[str], steps_per_epoch: int
) -> tuple[tf.keras.Model, Flips]:
    """A recipe's compiled model as `running.train` makes it, and its signs."""
    seed_all(recipe.seed, recipe.deterministic)
    model = build_model(recipe, classes)
    names = None if isinstance(classes, int) else classes
    learner = compile_model(model, recipe, steps_per_epoch, names)
    return learner, Flips(learner)


def data_of(about: dict[str, Any], steps_per_epoch: int) -> RunData:
    """Of a job's data, by `Shards.about`."""
    examples = about["train"]["examples"], about["evaluation"]["examples"]
    return RunData(about["classes"], *examples, steps_per_epoch)
