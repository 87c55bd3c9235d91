"""The sum of several maps as one operator."""

from typing import Any

import tensorflow as tf


@tf.keras.utils.register_keras_serializable("larq_bvit")
class Sum(tf.keras.layers.Layer):
    """`x1 + x2 + ...` of maps of one shape, ADD_N in TFLite; Keras' `Add` becomes a chain."""

    def compute_output_shape(self, input_shape: list[tf.TensorShape]) -> Any:
        return input_shape[0]

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        return tf.add_n(inputs)
