"""Small models for the tests of training."""

import tensorflow as tf

from larq_bvit import layers
from tests.layers.common import normal

CLASSES = 3


def small(width=8, *, size=8, classes=CLASSES, activation=None, seed=0, norm=True):
    """A convolution, a binary one, a norm, the mean, a classifier."""
    tf.keras.utils.set_random_seed(seed)
    image = tf.keras.Input((size, size, 3))
    x = tf.keras.layers.Conv2D(width, 3, name="stem")(image)
    x = layers.binary_conv(width, 3, name="binary")(x)
    if norm:
        x = tf.keras.layers.BatchNormalization(name="norm")(x)
    x = tf.keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = tf.keras.layers.Dense(classes, name="classifier")(x)
    x = tf.keras.layers.Activation(activation, dtype="float32", name="prediction")(x)
    return tf.keras.Model(image, x, name=f"small{seed}")


def batch(count=4, size=8):
    """Images and one-hot labels."""
    images = normal(count, size, size, 3).astype("float32")
    return images, tf.one_hot([i % CLASSES for i in range(count)], CLASSES).numpy()
