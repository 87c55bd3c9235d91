"""A recipe's model."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import tensorflow as tf
from tf_keras.src.mixed_precision.policy import policy_scope  # restores what floatx decides, too

from larq_bvit import zoo
from larq_bvit._toml import checked, unknown
from larq_bvit.train.batch_statistics import measurable
from larq_bvit.train.binarity import copy_weights, with_binary
from larq_bvit.train.growing import grow, start_file
from larq_bvit.train.latent_distances import spread_latent
from larq_bvit.train.model_variant import model_variant
from larq_bvit.train.randomness import seed_all
from larq_bvit.train.recipe import ModelConfig, Recipe
from larq_bvit.train.run_metadata import run_metadata
from larq_bvit.zoo.architecture import INTEGERS, Architecture
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.weights import read_weights


def build_model(recipe: Recipe, classes: int | Sequence[str]) -> tf.keras.Model:
    """The model of a recipe, for its image size, as a function to logits (B, classes).

    Seeds Python, NumPy, TensorFlow and Keras. Weights are the recipe's file, the zoo's, or
    random; latent ones of packed files are spread (`spread_latent`).

    Arguments:
        classes: of the data set: how many, or their names, by which the classifier of pretrained
            weights is new where it is of others.

    Raises:
        ValueError: no such model, variant field or option (with the nearest), a value or a size
            that does not fit, no file of weights, or one that does not fit; or `precise_bn` of a
            model without batch normalisation.
    """
    config = recipe.model
    weights = None if config.weights is None else Path(config.weights).expanduser()
    if weights is not None and not weights.is_file():  # before the model takes its seconds
        raise ValueError(f"model.weights: no weight file at {weights}")
    seed_all(recipe.seed)
    with policy_scope(recipe.precision):
        binary = _create(config, (*recipe.data.size, 3), classes, pretrained=config.pretrained)
        model = with_binary(binary, config.binary)
        if config.pretrained is not None and model is not binary:
            copy_weights(named_weights(binary), named_weights(model))
        if weights is not None:
            _load(weights, model, binary, classes, config.new_classifier)
        if config.grown_from is not None:
            _grow(config, model, recipe.seed, classes)
        if config.spread_latent and (config.pretrained or weights):
            spread_latent(model, recipe.seed)
    if recipe.precise_bn:
        measurable(model)  # before the training, not at its end
    return model


def build_trained(
    config: ModelConfig, shape: tuple[int, ...], classes: int, *, activation: str | None = None
) -> tf.keras.Model:
    """What a recipe's training ends with, in float32 and with random weights.

    Arguments:
        shape: of an image, (H, W, channels).
        activation: of the classifier, "softmax", or None for logits.

    Raises:
        ValueError: as `build_model`.
    """
    return with_binary(_create(config, shape, classes, activation=activation), config.binary)


def without_start(recipe: Recipe) -> Recipe:
    """For a model whose weights come from a later moment: what it started from may be gone."""
    return replace(
        recipe, model=replace(recipe.model, weights=None, pretrained=None, grown_from=None)
    )


def _create(
    config: ModelConfig,
    shape: tuple[int, ...],
    classes: int | Sequence[str],
    *,
    pretrained: str | None = None,
    activation: str | None = None,
) -> tf.keras.Model:
    """A model with one bit wherever its architecture has it."""
    architecture, variant = model_variant(config.name, config.variant)
    return architecture(
        variant,
        input_shape=shape,
        **({"num_classes": classes} if isinstance(classes, INTEGERS) else {"class_names": classes}),
        classifier_activation=activation,
        pretrained=pretrained or False,
        **checked_options(architecture, config.options, "model.options"),
    )


def checked_options(
    architecture: Architecture, given: dict[str, Any], where: str
) -> dict[str, Any]:
    """Options of a recipe's field, by the signature of the architecture's body.

    Raises:
        ValueError: an unknown one (with the nearest), or of another type.
    """
    types = typing.get_type_hints(architecture.body)
    parameters = inspect.signature(architecture.body).parameters.values()
    known = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    for name in given:
        if name not in known:
            if not known:
                raise ValueError(f"{architecture.name} takes no options; got {name!r}")
            raise unknown(f"option of {architecture.name}", name, known)
    return {name: checked(types[name], value, f"{where}.{name}") for name, value in given.items()}


def _load(
    path: Path,
    model: tf.keras.Model,
    binary: tf.keras.Model,
    classes: int | Sequence[str],
    new_classifier: bool,
) -> None:
    """Fills `model` from a file of any form of `binary`, with or without attention's clips.

    Arguments:
        classes: those of the data.
        new_classifier: whether the file's classifier may be of others.
    """
    stored, form = read_weights(path).keys(), model
    if stored != named_weights(model).keys():
        other = with_binary(binary, "nothing") if _has_clips(model) else binary
        if stored == named_weights(other).keys():
            form = other
    zoo.load_weights(
        form,
        path,
        as_start=True,
        new_classifier=new_classifier,
        class_names=None if isinstance(classes, INTEGERS) else classes,
        told=run_metadata(path),
    )
    if form is not model:
        copy_weights(named_weights(form), named_weights(model))


def _grow(
    config: ModelConfig, model: tf.keras.Model, seed: int, classes: int | Sequence[str]
) -> None:
    """Fills it from a smaller variant's packed weights."""
    grow(
        model,
        start_file(str(config.grown_from)),
        seed=seed,
        new_classifier=config.new_classifier,
        class_names=None if isinstance(classes, INTEGERS) else classes,
    )


def _has_clips(model: tf.keras.Model) -> bool:
    return any(path.endswith("probability/clip") for path in named_weights(model))
