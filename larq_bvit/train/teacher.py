"""The teacher of a recipe, or two as one, with their weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.train.binarity import with_binary
from larq_bvit.train.build import checked_options
from larq_bvit.train.model_variant import model_variant
from larq_bvit.train.recipe import DistillationConfig, TeacherConfig
from larq_bvit.train.run_metadata import run_metadata
from larq_bvit.zoo.model_facts import check_usual_images
from larq_bvit.zoo.partial_file import sha256_of
from larq_bvit.zoo.weight_files import named_or_file


def load_teacher(
    config: DistillationConfig, student: tf.keras.Model, classes: Sequence[str] | None = None
) -> tf.keras.Model:
    """The zoo's model that `config` names, for the student's images and classes; gives logits.

    Of two teachers they are the mean of both ones'.

    Arguments:
        classes: names of the student's classes; None where they are not known.

    Raises:
        ValueError: no such model, option or field of its plan, no such file of weights, or weights
            that do not fit, as those of images that are normalised otherwise, or of other
            classes, by their number, or by their names where both are known.
        FileNotFoundError, OSError: a preset's weights can't be had (`weight_file`).
    """
    for part in config.teachers:  # before models take their seconds
        _check_weights(part, classes)
    first = _load(config, student, "distillation")
    if config.second is None:
        return first
    return as_one(first, _load(config.second, student, "distillation.second"))


def as_one(first: tf.keras.Model, second: tf.keras.Model) -> tf.keras.Model:
    """The mean of two models' logits, for images of their size."""
    images = tf.keras.Input(first.input_shape[1:], dtype=first.input.dtype)
    # the same layers under names of their own: both may be of one architecture
    parts = {"first": first, "second": second}
    logits = [
        tf.keras.Model(part.input, part.output, name=name)(images) for name, part in parts.items()
    ]
    mean = tf.keras.layers.Average(dtype=first.output.dtype)(logits)
    return tf.keras.Model(images, mean, name="teachers")


def teacher_digest(config: DistillationConfig | None) -> str | None:
    """sha256 of the file of a teacher's weights, which another training may write anew; None
    without a teacher or a file. Of two it is one after the other."""
    paths = [named_or_file(part.weights) for part in config.teachers] if config else []
    if not paths or not all(path.is_file() for path in paths):
        return None
    return "+".join(map(sha256_of, paths))


def _check_weights(config: TeacherConfig, classes: Sequence[str] | None) -> None:
    path = named_or_file(config.weights)
    if not path.is_file():
        raise ValueError(
            f"no weights of the teacher {config.teacher!r} at {str(path)!r}: train it, convert "
            "published ones with `larq-bvit import-torch`, or name trained ones of `larq-bvit list`"
        )
    if classes is not None:
        _check_classes(path, classes)


def _load(config: TeacherConfig, student: tf.keras.Model, where: str) -> tf.keras.Model:
    """Of the recipe's table `where`."""
    architecture, variant = model_variant(config.teacher, config.variant, f"{where}.variant")
    teacher = architecture(
        variant,
        input_shape=student.input_shape[1:],
        num_classes=student.output_shape[-1],
        classifier_activation=None,
        **checked_options(architecture, config.options, f"{where}.options"),
    )
    teacher = with_binary(teacher, config.binary)
    zoo.load_weights(teacher, named_or_file(config.weights))
    check_usual_images(teacher)
    return teacher


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
