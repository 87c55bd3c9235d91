"""The class token of a plain vision transformer."""

import tensorflow as tf


@tf.keras.utils.register_keras_serializable("larq_bvit")
class ClassToken(tf.keras.layers.Layer):
    """Puts a learned token before all others: (B, H, W, C) -> (B, 1, 1 + H * W, C).

    `token` starts near 0 (deviation 1e-6), its own `position` at deviation 0.02.

    Reference: ViT (Dosovitskiy et al. 2021, arXiv 2010.11929), Sec. 3.1.

    Raises:
        ValueError: H or W is open.
    """

    def build(self, input_shape: tf.TensorShape) -> None:
        if None in input_shape[1:3]:
            raise ValueError(f"expected a map of known height and width; got {input_shape}")
        shape = (input_shape[-1],)
        normal = tf.keras.initializers.RandomNormal
        self.token = self.add_weight(name="token", shape=shape, initializer=normal(stddev=1e-6))
        self.position = self.add_weight(
            name="position", shape=shape, initializer=normal(stddev=0.02)
        )
        super().build(input_shape)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        batch, height, width, channels = input_shape
        return tf.TensorShape([batch, 1, 1 + height * width, channels])

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        _, height, width, channels = inputs.shape
        tokens = tf.reshape(inputs, [-1, 1, height * width, channels])
        first = tf.reshape(self.token + self.position, [1, 1, 1, channels])
        first = tf.tile(first, [tf.shape(inputs)[0], 1, 1, 1])
        return tf.concat([first, tokens], axis=2)
