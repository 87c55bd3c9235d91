"""The teacher of a recipe, with its weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.train.binarity import with_binary
from larq_bvit.train.build import checked_options
from larq_bvit.train.model_variant import model_variant
from larq_bvit.train.recipe import DistillationConfig
from larq_bvit.train.run_metadata import run_metadata
from larq_bvit.zoo.partial_file import sha256_of
from larq_bvit.zoo.weight_files import named_or_file


def load_teacher(
    config: DistillationConfig, student: tf.keras.Model, classes: Sequence[str] | None = None
) -> tf.keras.Model:
    """The zoo's model that `config` names, for the student's images and classes; gives logits.

    Arguments:
        classes: names of the student's classes; None where they are not known.

    Raises:
        ValueError: no such model, option or field of its plan, no such file of weights, or weights
            that do not fit, as those of other classes, by their number, or by their names where
            both are known.
        FileNotFoundError, OSError: a preset's weights can't be had (`weight_file`).
    """
    path = named_or_file(config.weights)
    if not path.is_file():  # before the model takes its seconds
        raise ValueError(
            f"no weights of the teacher {config.teacher!r} at {str(path)!r}: train it, convert "
            "published ones with `larq-bvit import-torch`, or name trained ones of `larq-bvit list`"
        )
    if classes is not None:
        _check_classes(path, classes)
    architecture, variant = model_variant(config.teacher, config.variant, "distillation.variant")
    teacher = architecture(
        variant,
        input_shape=student.input_shape[1:],
        num_classes=student.output_shape[-1],
        classifier_activation=None,
        **checked_options(architecture, config.options, "distillation.options"),
    )
    teacher = with_binary(teacher, config.binary)
    zoo.load_weights(teacher, path)
    return teacher


def teacher_digest(config: DistillationConfig | None) -> str | None:
    """sha256 of the file of a teacher's weights, which another training may write anew; None
    without a teacher or a file."""
    path = None if config is None else named_or_file(config.weights)
    return sha256_of(path) if path is not None and path.is_file() else None


def _check_classes(path: Path, classes: Sequence[str]) -> None:
    """Raises:
    ValueError: the weights are known to be of other classes, or of these in another order.
    """
    told = zoo.read_metadata(path) if path.suffix == ".safetensors" else run_metadata(path)
    theirs = None if told is None else told.class_names
    if theirs is None or tuple(theirs) == tuple(classes):
        return
    where = f"the teacher's weights {str(path)!r}"
    if len(theirs) != len(classes):
        raise ValueError(f"{where} are of {len(theirs)} classes; the data have {len(classes)}")
    differ = [(a, b) for a, b in zip(theirs, classes, strict=True) if a != b]
    shown = "".join(f"\n  {a!r} there, {b!r} here" for a, b in differ[:10])
    raise ValueError(f"{where} are of other classes than the data: {len(differ)} differ:{shown}")
