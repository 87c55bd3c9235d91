"""Runs a classifier over the evaluation images of a data set."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from larq_bvit.train.classifier import Classifier, keras_classifier
from larq_bvit.train.data.corrupt import explained
from larq_bvit.train.data.load import Data
from larq_bvit.train.evaluation import Evaluation, Tally

log = logging.getLogger(__name__)


def evaluate(
    model: tf.keras.Model | Classifier,
    data: Data,
    on_batch: Callable[[int], None] = lambda images: None,
) -> Evaluation:
    """Evaluates on every example of `data.evaluation()` once; of this worker's, if of several.

    Where model and data name the same classes in another order, their names are what counts; other
    names are told in a warning, and their numbers count.

    Arguments:
        model: a functional Keras model, of logits or with a softmax at its end, or a
            `tflite_classifier`.
        data: of the model's image size and classes.
        on_batch: called after each batch with the number of images so far.

    Raises:
        ValueError: size or number of classes differ; more corrupt images than the data's
            `max_corrupt`, or no others; the model gives NaN.
    """
    classifier = model if isinstance(model, Classifier) else keras_classifier(model)
    _check(classifier, data)
    order = _order(classifier.class_names, data.classes)
    tally, corrupt = Tally(data.classes), data.corrupt["evaluation"].names
    with explained(data.corrupt):
        for images, labels in data.evaluation():
            log_probabilities = classifier.log_probabilities(images.numpy())[:, order]
            tally.add(log_probabilities, labels.numpy().argmax(axis=1))
            on_batch(tally.images)
    index, count = data.config.shard
    expected = len(range(index, data.eval_examples, count))
    assert tally.images + len(corrupt) == expected, (tally.images, corrupt, expected)
    if not tally.images:
        raise ValueError(f"no image to evaluate on: {'; '.join(corrupt) or 'there is none'}")
    return tally.result(tuple(corrupt))


def _check(classifier: Classifier, data: Data) -> None:
    if classifier.size != data.config.size:
        raise ValueError(
            f"expected images of the model's size {_times(classifier.size)}; "
            f"the data has {_times(data.config.size)}"
        )
    if classifier.classes != len(data.classes):
        raise ValueError(
            f"the model has {classifier.classes} classes, the data {len(data.classes)}: "
            f"{_some(data.classes)}"
        )


def _order(names: tuple[str, ...] | None, classes: tuple[str, ...]) -> np.ndarray:
    """Which of the model's outputs is which of the data's classes."""
    if names is not None and names != classes:
        if len(set(names)) == len(names) and set(names) == set(classes):
            log.info("the model has the data's classes in another order; they go by their names")
            return np.array([names.index(name) for name in classes])
        differ = [(a, b) for a, b in zip(names, classes, strict=True) if a != b]
        words = "classes are compared by number: %d of %d have other names, as %r of the model, %r"
        log.warning(f"{words} of the data", len(differ), len(classes), *differ[0])
    return np.arange(len(classes))


def _times(size: tuple[int, int]) -> str:
    return "x".join(map(str, size))


def _some(names: tuple[str, ...], shown: int = 5) -> str:
    return ", ".join(names[:shown]) + (", ..." if len(names) > shown else "")
