"""What a model's weights are for, kept beside it: the names of its classes, and preprocessing."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from larq_bvit.zoo.images import MEAN, STD
from larq_bvit.zoo.packed import Preprocessing


def name_classes(model: tf.keras.Model, names: Sequence[str] | None) -> None:
    """Sets `model.class_names`: those of its classifier, None where nothing says them."""
    # not as Keras sets attributes: it would save them with the model, as a layer
    object.__setattr__(model, "class_names", None if names is None else plain_names(names))


def set_preprocessing(model: tf.keras.Model, preprocessing: Preprocessing | None) -> None:
    """Sets `model.preprocessing`: of the images of its weights, None where nothing says it."""
    object.__setattr__(model, "preprocessing", preprocessing)


def plain_names(class_names: Sequence[str]) -> tuple[str, ...]:
    """Also of an array of NumPy's strings."""
    return tuple(map(str, class_names))


def is_usual(preprocessing: Preprocessing) -> bool:
    """Whether images are normalised as `zoo.preprocess_input` does it."""
    return (preprocessing.mean, preprocessing.std) == (MEAN, STD)


def check_usual_images(model: tf.keras.Model) -> None:
    """For what normalises images as `zoo.preprocess_input` does.

    Raises:
        ValueError: the model's weights are for others.
    """
    told = getattr(model, "preprocessing", None)
    if told is not None and not is_usual(told):
        raise ValueError(
            f"expected a model of images that are normalised as ImageNet's, as here; the weights "
            f"of {model.name!r} are for mean {told.mean} and std {told.std}"
        )
