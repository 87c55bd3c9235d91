"""Random numbers that can be repeated, and resumed."""

from __future__ import annotations

import logging

import tensorflow as tf

log = logging.getLogger(__name__)


def seed_all(seed: int, deterministic: bool = False) -> None:
    """Seeds Python, NumPy, TensorFlow and Keras, before a model is built.

    Dropout of models built from then on keeps its state in variables, which a checkpoint can hold.

    Arguments:
        seed: of all.
        deterministic: operators give the same bits in every run, and cost time. It cannot be
            undone in this process.
    """
    tf.keras.utils.set_random_seed(seed)
    tf.keras.backend.experimental.enable_tf_random_generator()
    if deterministic:
        tf.config.experimental.enable_op_determinism()


def random_states(model: tf.keras.Model) -> list[tf.Variable]:
    """The states of a model's random layers, such as dropout; warns where one has none."""
    states, hidden = [], []
    for layer in model.submodules:
        # Keras keeps them out of weights and checkpoints, and has no public name for them
        source = getattr(layer, "_random_generator", None)
        if source is None or not getattr(layer, "rate", 1):
            continue
        generator = getattr(source, "_generator", None)
        if generator is None:
            hidden.append(layer.name)
        else:
            states.append(generator.state)
    if hidden:
        log.warning(
            "random numbers of %d layers cannot be resumed (%s, ...): "
            "call seed_all before the model is built",
            len(hidden),
            hidden[0],
        )
    return states
