"""What every test starts from, whatever ran before it in the same process."""

import larq as lq
import pytest
import tensorflow as tf


@pytest.fixture(autouse=True)
def fresh_keras():
    """Keras' default precision and layer names, and latent kernels.

    A policy that was set by name would outlive `set_floatx`, and an exception inside a Larq layer
    leaves Larq's kernels reading as quantized.
    """
    tf.keras.backend.set_floatx("float32")
    tf.keras.mixed_precision.set_global_policy(None)
    tf.keras.backend.reset_uids()
    with lq.context.quantized_scope(False):
        yield
