"""The model that is trained, also within a distiller."""

from __future__ import annotations

import tensorflow as tf


def student_of(learner: tf.keras.Model) -> tf.keras.Model:
    """The student of a distiller; any other model itself."""
    return getattr(learner, "student", learner)
