"""What of a weight file goes where in a model."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import tensorflow as tf

log = logging.getLogger(__name__)

CLASSIFIER = "classifier/"


def check_names(expected: set[str], got: set[str], what: str) -> None:
    """Raises a ValueError that lists what is missing and what is unexpected, if anything is."""
    lines = []
    for title, names in (("missing", expected - got), ("unexpected", got - expected)):
        if names:
            shown = sorted(names)[:20]
            more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
            lines.append(f"{title} ({len(names)}): {', '.join(shown)}{more}")
    if lines:
        raise ValueError(f"this is no {what}:\n  " + "\n  ".join(lines))


def resample_position(position: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Position embeddings (h, w, C) for another grid, bicubic, (H, W, C); logged when they change.

    Raises:
        ValueError: the number of channels differs.
    """
    if position.shape == shape:
        return position
    if position.ndim != 3 or len(shape) != 3 or position.shape[2] != shape[2]:
        raise ValueError(f"position embeddings {position.shape} do not fit {shape}")
    log.info("position embeddings resampled from %s to %s", position.shape[:2], shape[:2])
    resampled = tf.image.resize(position.astype("float32"), shape[:2], method="bicubic")
    return resampled.numpy().astype(position.dtype)


def leave_classifier(
    stored: dict[str, np.ndarray],
    variables: dict[str, tf.Variable],
    new_classifier: bool,
    *,
    other_classes: bool = False,
) -> None:
    """Takes a classifier out of both that is not to be loaded; logged.

    Arguments:
        new_classifier: whether it may stay as it is where the classes differ.
        other_classes: whether they do although they are as many.

    Raises:
        ValueError: other classes, and no new classifier.
    """
    there = [name for name in stored if name.startswith(CLASSIFIER)]
    here = [name for name in variables if name.startswith(CLASSIFIER)]
    if there and not here:
        log.info("the classifier of the weights is skipped: the model has none")
    else:
        got, expected = (_classes(weights) for weights in (stored, variables))
        if other_classes and not new_classifier and got == expected:
            raise ValueError(
                f"the weights are of {got} other classes than the model's: expected "
                "new_classifier, by which the model's own classifier stays"
            )
        same = expected == got and not other_classes
        if not new_classifier or expected is None or same:
            return
        words = "classifier is new: %s classes in the weights, %s%s in the model"
        log.info(words, got or "no", expected, " others" if expected == got else "")
    for name in there:
        del stored[name]
    for name in here:
        del variables[name]


def _classes(weights: dict[str, Any]) -> int | None:
    kernel = weights.get(f"{CLASSIFIER}kernel")
    return int(kernel.shape[-1]) if kernel is not None and len(kernel.shape) > 0 else None


def fitting(
    stored: dict[str, np.ndarray], variables: dict[str, tf.Variable], what: str
) -> dict[str, np.ndarray]:
    """What is stored, for every variable by name; position embeddings are resampled.

    Raises:
        ValueError: lists the names, or the shapes, that differ.
    """
    check_names(set(variables), set(stored), what)
    values, misfits = {}, {}
    for name, variable in variables.items():
        value, shape = stored[name], tuple(variable.shape)
        floats = value.dtype.kind == "f"
        if floats and name.endswith("position/position") and value.shape[2:] == shape[2:]:
            value = resample_position(value, shape)
        if not floats or value.shape != shape:
            misfits[name] = f"{name}: expected floats {shape}, got {value.dtype} {value.shape}"
        values[name] = value
    if misfits:
        theirs, own = _classes(stored), _classes(variables)
        hint = (
            f"\n  the weights are of {theirs} classes, the model of {own}: "
            "load_weights(..., new_classifier=True) would keep the model's own classifier"
        )
        other = theirs not in (None, own)
        hint = hint if other and all(name.startswith(CLASSIFIER) for name in misfits) else ""
        raise ValueError("mis-shaped:\n  " + "\n  ".join(misfits.values()) + hint)
    return values
