"""Models stay in Keras' session: it is cleared after each file."""

import pytest
import tensorflow as tf


@pytest.fixture(autouse=True, scope="module")
def session():
    tf.keras.utils.set_random_seed(0)
    yield
    tf.keras.backend.clear_session()
