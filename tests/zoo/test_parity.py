"""Every golden file."""

import pytest
import tensorflow as tf

from tests import parity
from tests.golden import recipe


@pytest.fixture
def float64():
    tf.keras.backend.set_floatx("float64")
    yield
    tf.keras.backend.set_floatx("float32")
    tf.keras.backend.clear_session()


@pytest.mark.parametrize("name", recipe.NAMES)
def test_float64_equals_the_published_code(name, float64):
    errors = parity.compare(name)
    assert errors.logits < 1e-6
    assert errors.blocks < 1e-6
    assert errors.train_logits < 1e-6
    assert errors.loss < 1e-6
    assert errors.gradients < 1e-5
