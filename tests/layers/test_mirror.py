"""Mirror: what makes a "same" convolution a symmetrically padded one."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers import Mirror
from tests.layers.common import close, contract, correlate, normal, run

test_contract = contract(Mirror, (4, 6, 8))


def test_equals_numpy():
    x = normal(2, 3, 5, 4)
    y, dy, dx, _ = run(Mirror(), x)
    for i in range(3):
        for j in range(5):
            close(y[:, i, j], x[:, 2 - i, 4 - j])
            close(dx[:, i, j], dy[:, 2 - i, 4 - j])


@pytest.mark.parametrize("size", [(6, 8), (2, 4)])
def test_turns_symmetric_padding_into_same(size):
    x, kernel = normal(2, *size, 3), normal(3, 3, 3, 5, seed=1)
    expected = correlate(x, kernel, stride=2, pads=(1, 1))
    same = tf.keras.layers.Conv2D(5, 3, strides=2, padding="same", use_bias=False)
    same.build(x.shape)
    same.kernel.assign(kernel[::-1, ::-1])
    close(Mirror()(same(Mirror()(x))), expected)
    same.kernel.assign(kernel)
    assert not np.allclose(same(x), expected)  # without mirrors it pads the other border
