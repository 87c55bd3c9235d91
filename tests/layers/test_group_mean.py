"""GroupMean averages adjacent channels."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers import GroupMean
from tests.layers.common import close, contract, normal, run

test_contract = contract(lambda: GroupMean(4), (4, 6, 8))


@pytest.mark.parametrize("ratio", [1, 2, 3])
@pytest.mark.parametrize("shape", [(2, 6), (2, 3, 5, 6)])
def test_equals_numpy(shape, ratio):
    x = normal(*shape)
    y, dy, dx, _ = run(GroupMean(ratio), x)
    assert y.shape == (*shape[:-1], 6 // ratio)
    for i in range(6 // ratio):
        close(y[..., i], x[..., i * ratio : (i + 1) * ratio].mean(-1))
    for channel in range(6):
        close(dx[..., channel], dy[..., channel // ratio] / ratio)


def test_names_the_wrong_width():
    with pytest.raises(ValueError, match="channels must be a multiple of ratio=4; got 6"):
        GroupMean(4)(normal(2, 6))


def test_maps_of_open_size():
    x = inputs = tf.keras.Input((None, None, 8))
    model = tf.keras.Model(inputs, GroupMean(4)(x))
    x = normal(2, 3, 5, 8).astype("float32")
    np.testing.assert_allclose(model(x), x.reshape(2, 3, 5, 2, 4).mean(-1), rtol=1e-5)


def test_open_channels():
    with pytest.raises(ValueError, match="channels must be a multiple of ratio=4; got None"):
        GroupMean(4)(tf.keras.Input((2, 2, None)))
