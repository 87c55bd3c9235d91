"""From a run's folder to a folder of weights that ship: packed, measured and described."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit._toml import from_table
from larq_bvit._whole import whole_folder
from larq_bvit.cards.card import card_page, read_card
from larq_bvit.cards.data_sets import identified
from larq_bvit.cards.measures import counts, deployed
from larq_bvit.cards.preset_file import check_preset, is_own, write_preset
from larq_bvit.cards.steps import (
    data_before,
    data_of_teachers,
    machines_of,
    origin_of,
    started_from,
    steps,
    teachers,
    without_paths,
)
from larq_bvit.train.build import build_model, without_start
from larq_bvit.train.curves import curves
from larq_bvit.train.data.load import Data
from larq_bvit.train.disk import explain_full_disk
from larq_bvit.train.evaluate_model import evaluate
from larq_bvit.train.evaluation import Evaluation
from larq_bvit.train.finishing import precise_bn_images
from larq_bvit.train.fitting import open_data
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe, recipe_text
from larq_bvit.train.run_evaluation import RunEvaluation, load_evaluation
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.run_history import load_history
from larq_bvit.train.run_summary import summarise
from larq_bvit.zoo.images import CROP, MEAN, STD
from larq_bvit.zoo.packed.metadata import Accuracy, Preprocessing
from larq_bvit.zoo.weight_files import FILE

log = logging.getLogger(__name__)

_MISTAKES = 3  # that are kept of every class
_WEIGHTLESS = ("drop_path",)  # options that matter in training alone


def pack(
    run: str | Path,
    out: str | Path,
    *,
    name: str | None = None,
    dataset: str | None = None,
    weights_license: str = "Apache-2.0",
    notes: Sequence[str] = (),
    trained_on: str | None = None,
    default: bool = False,
    architecture_default: bool = False,
    on_step: Callable[[str], None] = lambda step: None,
) -> Path:
    """Makes the folder of a finished run's weights.

    In the folder `zoo` of the package's own repository `zoo.create(..., pretrained=...)` finds it.
    Its best weights are packed, loaded again, and evaluated on all evaluation images, in Keras and
    as .tflite: every figure of the card is of the packed file.

    Arguments:
        run: folder of `train`, with the recipe's data within reach.
        out: folder that gets MODEL_NAME, which must not exist.
        name: what tells the weights from others of the model, or their whole name; by default the
            data set.
        dataset: name of the data set; the recipe's own by default. That of a folder of images
            decides what the card says of their licence, see `identified`.
        weights_license: what others may do with the weights, a name or a sentence.
        notes: limits of the data or the training that a user must know, sentences.
        trained_on: what the run took place on, instead of what it has noted itself.
        default: whether these are the weights of `pretrained=True` for the model.
        architecture_default: and for the architecture, when no variant is asked for.
        on_step: called with what is done next.

    Raises:
        ValueError: the run is not finished, or is of a model that the zoo cannot build by its name;
            names or defaults that no preset can have; or the packed weights do not predict as the
            run's do. Nothing is written.
    """
    folder, out = RunFolder(run), Path(out)
    recipe = replace(load_recipe(folder.recipe), precision="float32")
    measured = load_evaluation(folder.evaluation)
    if measured is None:
        raise ValueError(f"expected a finished run; {run} has no {folder.evaluation.name}")
    _check_plain(recipe)
    trained = steps(folder)
    facts = _facts(recipe, trained, dataset)
    facts |= {"weights_license": weights_license, "notes": list(notes)}
    facts["trained_on"] = trained_on or machines_of(trained)
    flags = {"default": default, "architecture_default": architecture_default}
    prefix = f"{recipe.model.name}_"
    name = prefix + (name or facts["dataset"]).removeprefix(prefix)
    check_preset(name, facts, flags, out)
    target = out / name
    if target.exists():
        raise ValueError(
            f"{target} exists: give another name to what you pack, or remove it to pack it again"
        )
    on_step("opening the data")
    data = open_data(recipe)
    facts["num_classes"] = len(data.classes)
    facts["precise_bn"] = precise_bn_images(recipe, data)
    facts["description"] += f", {len(data.classes)} classes"
    out.mkdir(parents=True, exist_ok=True)
    with explain_full_disk(target.name, target), whole_folder(target) as draft:
        weights = draft / FILE
        on_step("packing the weights, and evaluating what was packed")
        evaluation, model = _packed(recipe, folder, data, facts, weights)
        _tell_difference(evaluation, measured)
        facts["counts"] = counts(model, weights)
        on_step("converting, and evaluating the .tflite")
        facts["tflite"] = deployed(model, data)
        _write_json(draft / "card.json", facts)
        _write_json(draft / "evaluation.json", _shortened(evaluation))
        for number, step in enumerate(trained, start=1):
            _describe(step, draft / f"step{number}")
        write_preset(draft, target.name, facts, flags, evaluation)
        page = card_page(read_card(draft), by_name=is_own(out))
        (draft / "README.md").write_text(page, encoding="utf-8")
    return target


def _facts(recipe: Recipe, trained: Sequence[RunFolder], dataset: str | None) -> dict[str, Any]:
    """What is known before anything is measured."""
    origin, recipes = origin_of(trained), [load_recipe(step.recipe) for step in trained]
    called, data = identified(recipe.data.dataset, dataset)
    last = called, data.license
    start, guides = started_from(recipes[0]), teachers(recipes, last)
    return {
        "model": recipe.model.name,
        "dataset": called,
        "description": recipe.description,
        "data": data.title + _splits(recipe),
        "data_license": data.license,
        "data_before": data_before(recipes, start, last),
        "started_from": start,
        "teachers": guides,
        "data_of_teachers": data_of_teachers(guides, last),
        "input_shape": [*recipe.data.size, 3],
        "recipe": recipe.name,
        "seed": recipe.seed,
        "epochs": sum(len(load_history(step.history)) for step in trained),
        "seconds": sum(summarise(step.path).seconds or 0.0 for step in trained),
        "version": origin.version,
        "commit": origin.commit,
    }


def _splits(recipe: Recipe) -> str:
    """Which images of the data set, where it is not all of its own splits."""
    data = without_paths(recipe).data
    if data.evaluation is None and ":" not in data.dataset.removeprefix("folder:"):
        return ""
    told = f"; trained on {data.dataset}"
    return told if data.evaluation is None else f"{told}, evaluated on {data.evaluation}"


def _check_plain(recipe: Recipe) -> None:
    """The zoo knows a model by its name alone."""
    model = recipe.model
    options = {name: value for name, value in model.options.items() if name not in _WEIGHTLESS}
    if model.variant or options or model.binary != "all":
        raise ValueError(
            f"expected a model of the zoo as it is; the recipe has model.variant {model.variant}, "
            f"model.options {options} and model.binary {model.binary!r}"
        )


def _packed(
    recipe: Recipe, run: RunFolder, data: Data, facts: dict[str, Any], path: Path
) -> tuple[Evaluation, tf.keras.Model]:
    """Packs the run's best weights; evaluates what comes out of the file again."""
    trained = build_model(without_start(recipe), len(data.classes))
    zoo.load_weights(trained, run.best)
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
        license_data=_data_license(facts),
    )
    zoo.save_weights(trained, path, metadata=metadata)
    model = zoo.create(
        facts["model"],
        input_shape=facts["input_shape"],
        num_classes=facts["num_classes"],
        classifier_activation=None,
        weights=path,
    )
    evaluation = evaluate(model, data)
    _check_same(trained, model, data)
    stored = evaluation.as_dict()
    accuracy = from_table(Accuracy, {name: stored[name] for name in ("images", "top_1", "top_5")})
    # the same weights again, now with what they have been measured to do
    zoo.save_weights(model, path, metadata=replace(metadata, accuracy=accuracy))
    return evaluation, model


def _data_license(facts: dict[str, Any]) -> str:
    """Of all data that the weights have seen."""
    before = (f"before, {name}: {allowed}" for name, allowed in facts["data_before"])
    taught = (f"of a teacher, {name}: {allowed}" for name, allowed in facts["data_of_teachers"])
    return "; ".join([facts["data_license"], *before, *taught])


def _check_same(trained: tf.keras.Model, packed: tf.keras.Model, data: Data) -> None:
    """Raises a ValueError unless both give the same bits for the first batch of images."""
    images, _ = next(iter(data.evaluation()))
    expected, got = (model(images, training=False).numpy() for model in (trained, packed))
    if expected.tobytes() != got.tobytes():
        raise ValueError(
            "expected the packed weights to predict as the run's do; logits differ by up to "
            f"{np.abs(expected - got).max():g}"
        )


def _tell_difference(evaluation: Evaluation, measured: RunEvaluation) -> None:
    """Another machine or precision may see a few images otherwise."""
    got, before = evaluation.top_1, measured.top_1
    if got != before:
        words = "the run's own evaluation was right in %d of %d images, this one in %d of %d"
        log.warning(words, before.count, before.total, got.count, got.total)


def _describe(step: RunFolder, folder: Path) -> None:
    """Recipe, history and curves of one step of the training."""
    folder.mkdir()
    recipe = recipe_text(without_paths(load_recipe(step.recipe)))
    (folder / "recipe.toml").write_text(recipe, encoding="utf-8")
    (folder / "history.csv").write_bytes(step.history.read_bytes())
    (folder / "curves.png").write_bytes(curves(load_history(step.history)))


def _shortened(evaluation: Evaluation) -> dict[str, Any]:
    """Of each class only the most frequent mistakes; of corrupt images, local files, how many."""
    stored = evaluation.as_dict()
    stored["corrupt"] = len(evaluation.corrupt)
    for row in stored["classes"]:
        row["taken_for"] = dict(list(row["taken_for"].items())[:_MISTAKES])
    return stored


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
