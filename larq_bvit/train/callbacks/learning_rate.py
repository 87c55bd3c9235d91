"""The learning rate of now."""

from __future__ import annotations

import tensorflow as tf


def learning_rate(model: tf.keras.Model) -> float:
    """Of a compiled model; of a schedule what the last step has used."""
    return float(tf.keras.backend.get_value(model.optimizer.learning_rate))
