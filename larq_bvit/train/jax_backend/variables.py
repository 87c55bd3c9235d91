"""All variables that decide how a run goes on, by name: those of a checkpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.train.flips import Flips
from larq_bvit.train.metric_state import metric_variables
from larq_bvit.train.randomness import random_states
from larq_bvit.train.student import student_of
from larq_bvit.zoo.named_weights import latent_weights, named_weights


def named_variables(learner: tf.keras.Model, flips: Flips) -> dict[str, Any]:
    """{`group/name`: variable} of a compiled model, in an order that depends on its recipe alone.

    Groups are `weights`, `random`, `optimizer`, `metrics` and `signs`. Names within a group begin
    with a number where TensorFlow's own may occur twice.
    """
    student = student_of(learner)
    optimizer = learner.optimizer
    more = [optimizer.learning_rate]
    if hasattr(optimizer, "inner_optimizer"):  # under mixed_float16
        more += [optimizer._loss_scale.current_loss_scale, optimizer.dynamic_counter]
    groups: dict[str, Sequence[Any]] = {
        "random": random_states(student),
        "optimizer": [*optimizer.variables, *more],
        "metrics": metric_variables(learner),
        "signs": flips.signs,
    }
    named = {f"weights/{path}": weight for path, weight in named_weights(student).items()}
    for group, variables in groups.items():
        for number, variable in enumerate(variables):
            named[f"{group}/{number:04}/{variable.name.split(':')[0]}"] = variable
    return named


def teacher_variables(learner: tf.keras.Model) -> dict[str, Any]:
    """{`teacher/path`: variable}, none without a teacher."""
    teacher = getattr(learner, "teacher", None)
    if teacher is None:
        return {}
    return {f"teacher/{path}": weight for path, weight in named_weights(teacher).items()}


def learning_rate_name(learner: tf.keras.Model, variables: Mapping[str, Any]) -> str:
    """Of the variable with the rate of the last step."""
    return _names(variables)[id(learner.optimizer.learning_rate)]


def moments(learner: tf.keras.Model, variables: Mapping[str, Any]) -> dict[str, Any]:
    """{name: variable} of the averages of gradients that its optimizer keeps; SGD may keep none."""
    optimizer = getattr(learner.optimizer, "inner_optimizer", learner.optimizer)
    kept = getattr(optimizer, "_momentums", None) or getattr(optimizer, "momentums", [])
    names = _names(variables)
    return {names[id(variable)]: variable for variable in kept}


def evaluated(learner: tf.keras.Model, variables: Mapping[str, Any]) -> dict[str, str]:
    """{name of a weight: name of the variable that evaluation has in its place}."""
    optimizer = learner.optimizer
    names = _names(variables)
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    averages: dict[str, str] = {}
    if inner.use_ema:
        pairs = zip(learner.trainable_variables, inner._model_variables_moving_average, strict=True)
        averages = {names[id(weight)]: names[id(average)] for weight, average in pairs}
    return {name: averages.get(name, name) for name in variables if name.startswith("weights/")}


def read(variables: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Their values, latent weights as they are."""
    with latent_weights():
        return {name: variable.numpy() for name, variable in variables.items()}


def write(variables: Mapping[str, Any], values: Mapping[str, np.ndarray]) -> None:
    """Gives variables their values.

    Raises:
        ValueError: the values are those of another model or recipe; says what differs.
    """
    differ = list(_differences(variables, values))
    if differ:
        raise ValueError(
            f"the state does not fit the recipe's model: {len(differ)} of {len(variables)} "
            "variables differ:\n  " + "\n  ".join(differ[:10])
        )
    with latent_weights():
        for variable, value in zip(variables.values(), values.values(), strict=True):
            variable.assign(value)


def _differences(variables: Mapping[str, Any], values: Mapping[str, np.ndarray]) -> Iterator[str]:
    if len(variables) != len(values):
        yield f"{len(values)} in the state, {len(variables)} here"
        return
    # in order, and by the rest of the name for people: Keras numbers what it makes
    for (name, variable), (stored, value) in zip(variables.items(), values.items(), strict=True):
        here, there = (name.split("/")[0], *variable.shape), (stored.split("/")[0], *value.shape)
        if here != there or variable.dtype.base_dtype.as_numpy_dtype != value.dtype:
            yield f"{stored} {value.shape} {value.dtype} there, {name} {tuple(variable.shape)} here"


def _names(variables: Mapping[str, Any]) -> dict[int, str]:
    return {id(variable): name for name, variable in variables.items()}
