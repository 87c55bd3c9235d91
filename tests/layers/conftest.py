"""Every test of a layer starts from the same seed, in float64, so that NumPy agrees closely."""

import pytest
import tensorflow as tf

from tests.layers import common


@pytest.fixture(autouse=True)
def float64():
    tf.keras.utils.set_random_seed(0)
    with common.policy("float64"):
        yield
