"""Every test of training leaves TensorFlow's random numbers as it found them."""

import pytest
import tensorflow as tf
from tensorflow.python.framework import config


@pytest.fixture(autouse=True)
def fresh_randomness():
    yield
    tf.keras.backend.experimental.disable_tf_random_generator()
    config.disable_op_determinism()


@pytest.fixture
def deterministic():
    """The same bits in every run."""
    tf.config.experimental.enable_op_determinism()
