"""A smallest value for weights."""

import tensorflow as tf


class AtLeast(tf.keras.constraints.Constraint):
    """Numbers are kept from falling below a smallest one."""

    def __init__(self, smallest: float):
        self.smallest = smallest

    def __call__(self, w: tf.Tensor) -> tf.Tensor:
        return tf.maximum(w, tf.cast(self.smallest, w.dtype))

    def get_config(self) -> dict:
        return {"smallest": self.smallest}
