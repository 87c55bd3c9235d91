"""A learned vector for each place of a map."""

import tensorflow as tf


@tf.keras.utils.register_keras_serializable("larq_bvit")
class PositionEmbedding(tf.keras.layers.Layer):
    """`y = x + position`, (B, H, W, C) -> (B, H, W, C), position of shape (H, W, C).

    Starts as a normal distribution of deviation 0.02. Kept as a map so
    that its grid is known when it is resampled for another input size.

    Raises:
        ValueError: the map's size or number of channels is open.
    """

    def build(self, input_shape: tf.TensorShape) -> None:
        if None in input_shape[1:]:
            raise ValueError(
                f"expected a map of known height, width and channels; got {tuple(input_shape)}"
            )
        self.position = self.add_weight(
            name="position",
            shape=input_shape[1:],
            initializer=tf.keras.initializers.RandomNormal(stddev=0.02),
        )
        # or Keras would broadcast a map of one row or column to the size of `position`
        self.input_spec = tf.keras.layers.InputSpec(shape=(None, *input_shape[1:]))
        super().build(input_shape)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        return input_shape

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs + self.position
