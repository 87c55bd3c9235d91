"""From a run's folder to a folder of weights that ship: packed, measured and described."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tomli_w

from larq_bvit import __version__, zoo
from larq_bvit._toml import from_table
from larq_bvit.cards.card import card_page, read_card
from larq_bvit.cards.data_sets import DATA_SETS, UNKNOWN
from larq_bvit.cards.measures import counts, deployed
from larq_bvit.cards.steps import steps, without_paths
from larq_bvit.train.build import build_model
from larq_bvit.train.curves import curves
from larq_bvit.train.data.load import Data
from larq_bvit.train.disk import explain_full_disk, publish
from larq_bvit.train.evaluate_model import evaluate
from larq_bvit.train.evaluation import Evaluation
from larq_bvit.train.fitting import open_data
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe, recipe_text
from larq_bvit.train.run_evaluation import load_evaluation
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.run_history import load_history
from larq_bvit.zoo.images import CROP, MEAN, STD
from larq_bvit.zoo.packed.metadata import Accuracy, Preprocessing

_MISTAKES = 3  # that are kept of every class


def pack(
    run: str | Path,
    out: str | Path,
    *,
    dataset: str | None = None,
    notes: Sequence[str] = (),
    trained_on: str,
    default: bool = False,
    architecture_default: bool = False,
    on_step: Callable[[str], None] = lambda step: None,
) -> Path:
    """Makes the folder of a finished run's weights: what `zoo.create(..., pretrained=...)` finds.

    Its best weights are packed, loaded again, and evaluated on all evaluation images, in Keras and
    as .tflite: every figure of the card is of the packed file.

    Arguments:
        run: folder of `train`, with the recipe's data within reach.
        out: folder that gets MODEL_DATASET, which must not exist.
        dataset: name of the data set, for lists; the recipe's own by default.
        notes: limits of the data or the training that a user must know, sentences.
        trained_on: what the run took place on.
        default: whether these are the weights of `pretrained=True` for the model.
        architecture_default: and for the architecture, when no variant is asked for.
        on_step: called with what is done next.

    Raises:
        ValueError: the run is not finished, is of a model that the zoo cannot build by its name, or
            the packed weights do not predict as the run's do. Nothing is written.
    """
    folder = RunFolder(run)
    recipe = replace(load_recipe(folder.recipe), precision="float32")
    measured = load_evaluation(folder.evaluation)
    if measured is None:
        raise ValueError(f"expected a finished run; {run} has no {folder.evaluation.name}")
    _check_plain(recipe)
    dataset = dataset or _short(recipe.data.dataset)
    target = Path(out) / f"{recipe.model.name}_{dataset}"
    if target.exists():
        raise ValueError(f"{target} exists: remove it to pack again")
    trained = steps(folder)
    on_step("opening the data")
    data = open_data(recipe)
    facts = {
        "model": recipe.model.name,
        "dataset": dataset,
        "description": f"{recipe.description}, {len(data.classes)} classes",
        "data": DATA_SETS.get(dataset, UNKNOWN).title,
        "data_license": DATA_SETS.get(dataset, UNKNOWN).license,
        "weights_license": "Apache-2.0",
        "input_shape": [*recipe.data.size, 3],
        "num_classes": len(data.classes),
        "recipe": recipe.name,
        "seed": recipe.seed,
        "epochs": sum(len(load_history(step.history)) for step in trained),
        "seconds": sum(_seconds(step) for step in trained),
        "trained_on": trained_on,
        "version": __version__,
        "commit": _commit(),
        "notes": list(notes),
    }
    with tempfile.TemporaryDirectory(prefix=".pack-", dir=_made(Path(out))) as parent:
        draft = Path(parent) / target.name
        draft.mkdir()
        with explain_full_disk(target.name, target):
            weights = draft / "weights.safetensors"
            on_step("packing the weights, and evaluating what was packed")
            evaluation, model = _packed(recipe, folder, data, facts, weights)
            if evaluation.top_1.count != measured.top_1.count:
                raise ValueError(
                    f"the packed weights recognise {evaluation.top_1.count} images, those of the "
                    f"run {measured.top_1.count}"
                )
            facts["counts"] = counts(model, weights)
            on_step("converting, and evaluating the .tflite")
            facts["tflite"] = deployed(model, data)
            _write_json(draft / "card.json", facts)
            _write_json(draft / "evaluation.json", _shortened(evaluation))
            for number, step in enumerate(trained, start=1):
                _describe(step, draft / f"step{number}")
            flags = {"default": default, "architecture_default": architecture_default}
            _write_preset(draft, facts, evaluation, {k: v for k, v in flags.items() if v})
            page = card_page(replace(read_card(draft), name=target.name))
            (draft / "README.md").write_text(page, encoding="utf-8")
        publish(draft, target)
    return target


def _short(dataset: str) -> str:
    """`cats` of `folder:/home/me/cats`, `cifar10` of `cifar10/3.0.2:train[:90%]`."""
    kind, _, path = dataset.partition(":")
    return Path(path).name if kind == "folder" else kind.partition("/")[0]


def _check_plain(recipe: Recipe) -> None:
    """The zoo knows a model by its name alone."""
    model = recipe.model
    if model.variant or model.binary != "all":
        raise ValueError(
            f"expected a model of the zoo as it is; the recipe has model.variant {model.variant} "
            f"and model.binary {model.binary!r}"
        )


def _packed(
    recipe: Recipe, run: RunFolder, data: Data, facts: dict[str, Any], path: Path
) -> tuple[Evaluation, tf.keras.Model]:
    """Packs the run's best weights; evaluates what comes out of the file again."""
    fresh = replace(recipe, model=replace(recipe.model, weights=None))
    model = build_model(fresh, len(data.classes))
    zoo.load_weights(model, run.best)
    metadata = zoo.WeightsMetadata(
        model=facts["model"],
        input_shape=tuple(facts["input_shape"]),
        num_classes=facts["num_classes"],
        class_names=data.classes,
        preprocessing=Preprocessing(
            mean=MEAN, std=STD, resize="bicubic, antialiased, aspect ratio kept", crop=CROP
        ),
        dataset=facts["dataset"],
        recipe=facts["recipe"],
        seed=facts["seed"],
        commit=facts["commit"],
        license_weights=facts["weights_license"],
        license_data=facts["data_license"],
    )
    zoo.save_weights(model, path, metadata=metadata)
    model = zoo.create(
        facts["model"],
        input_shape=facts["input_shape"],
        num_classes=facts["num_classes"],
        classifier_activation=None,
        weights=path,
    )
    evaluation = evaluate(model, data)
    stored = evaluation.as_dict()
    accuracy = from_table(Accuracy, {name: stored[name] for name in ("images", "top_1", "top_5")})
    # the same weights again, now with what they have been measured to do
    zoo.save_weights(model, path, metadata=replace(metadata, accuracy=accuracy))
    return evaluation, model


def _describe(step: RunFolder, folder: Path) -> None:
    """Recipe, history and curves of one step of the training."""
    folder.mkdir()
    recipe = recipe_text(without_paths(load_recipe(step.recipe)))
    (folder / "recipe.toml").write_text(recipe, encoding="utf-8")
    (folder / "history.csv").write_bytes(step.history.read_bytes())
    (folder / "curves.png").write_bytes(curves(load_history(step.history)))


def _write_preset(
    folder: Path, facts: dict[str, Any], evaluation: Evaluation, flags: dict[str, bool]
) -> None:
    weights = (folder / "weights.safetensors").read_bytes()
    preset = {
        "model": facts["model"],
        "dataset": facts["dataset"],
        "input_shape": facts["input_shape"],
        "num_classes": facts["num_classes"],
        "sha256": hashlib.sha256(weights).hexdigest(),
        "bytes": len(weights),
        "top_1": evaluation.top_1.value,
        "images": evaluation.images,
        **flags,
    }
    (folder / "preset.toml").write_text(tomli_w.dumps(preset), encoding="utf-8")


def _shortened(evaluation: Evaluation) -> dict[str, Any]:
    """Of each class only the most frequent mistakes."""
    stored = evaluation.as_dict()
    for row in stored["classes"]:
        row["taken_for"] = dict(list(row["taken_for"].items())[:_MISTAKES])
    return stored


def _seconds(run: RunFolder) -> float:
    columns = load_history(run.history).columns
    return float(np.nansum(columns["seconds"])) if "seconds" in columns else 0.0


def _commit() -> str | None:
    """Of the checkout that this runs from; None in an installed package."""
    here = Path(__file__).parent
    try:
        found = subprocess.run(
            ["git", "-C", str(here), "rev-parse", "--short=12", "HEAD"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
