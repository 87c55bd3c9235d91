"""The sum over everything but the channels, in both forms."""

from contextlib import nullcontext

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers.ops import channel_sum, reduced_sums
from tests.layers.common import close, normal


@pytest.fixture(autouse=True, params=[nullcontext, reduced_sums])
def form(request):
    with request.param():
        yield request.param


@pytest.mark.parametrize("shape", [(5,), (7, 5), (2, 3, 4, 5), (0, 5)])
def test_equals_numpy(shape):
    x = normal(*shape)
    close(channel_sum(tf.constant(x)), x.reshape(-1, 5).sum(axis=0))


def test_with_a_batch_of_any_size():
    summed = tf.function(channel_sum, input_signature=[tf.TensorSpec((None, 4, 5), tf.float64)])
    for batch in (1, 3):
        x = normal(batch, 4, 5)
        close(summed(x), x.sum(axis=(0, 1)))


@pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16])
def test_half_precision_does_not_stop_growing(dtype):
    """1 + 1 + ... in half precision ends at 2,048 or 256, where adding 1 changes nothing."""
    summed = channel_sum(tf.ones((8192, 3), dtype))
    assert summed.dtype == dtype and np.all(summed == 8192)


def test_forms(form):
    """A product is what a compiler for GPUs must not see."""
    traced = tf.function(channel_sum).get_concrete_function(tf.TensorSpec((4, 3)))
    assert ("MatMul" in {op.type for op in traced.graph.get_operations()}) == (form is nullcontext)
