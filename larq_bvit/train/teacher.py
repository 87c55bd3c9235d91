"""The teacher of a recipe, with its weights."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.train.binarity import with_binary
from larq_bvit.train.recipe import DistillationConfig


def load_teacher(config: DistillationConfig, student: tf.keras.Model) -> tf.keras.Model:
    """The zoo's model that `config` names, for the student's images and classes; gives logits.

    Raises:
        ValueError: no such model, no such file of weights, or weights that do not fit, as those
            of other classes.
    """
    path = Path(config.weights).expanduser()
    if not path.is_file():  # before the model takes its seconds
        raise ValueError(
            f"no weights of the teacher {config.teacher!r} at {str(path)!r}: train it, or convert "
            "published ones with `larq-bvit import-torch`"
        )
    teacher = zoo.create(
        config.teacher,
        input_shape=student.input_shape[1:],
        num_classes=student.output_shape[-1],
        classifier_activation=None,
        **config.options,
    )
    teacher = with_binary(teacher, config.binary)
    zoo.load_weights(teacher, path)
    return teacher
