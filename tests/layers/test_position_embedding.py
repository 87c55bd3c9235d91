"""PositionEmbedding: a learned map."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers import PositionEmbedding
from tests.layers.common import close, contract, normal, randomise, run

test_contract = contract(PositionEmbedding, (4, 6, 8))


def test_equals_numpy():
    x = normal(2, 3, 5, 4)
    layer = PositionEmbedding()
    layer.build(x.shape)
    (position,) = randomise(layer.weights)
    assert position.shape == (3, 5, 4)
    y, dy, dx, dposition = run(layer, x)
    close(dx, dy)
    close(dposition, dy[0] + dy[1])
    for sample in range(2):
        close(y[sample], x[sample] + position)


def test_starts_as_published():
    layer = PositionEmbedding()
    layer.build((None, 8, 8, 64))
    np.testing.assert_allclose(np.std(layer.position), 0.02, rtol=0.05)


def test_is_for_one_size():
    with pytest.raises(ValueError, match="known height, width and channels; got .None, None, 4, 8"):
        PositionEmbedding()(tf.keras.Input((None, 4, 8)))
    layer = PositionEmbedding()
    layer(normal(2, 4, 4, 8))
    layer(normal(3, 4, 4, 8))
    with pytest.raises(
        ValueError, match=r"expected shape=\(None, 4, 4, 8\), found shape=\(2, 1, 4"
    ):
        layer(normal(2, 1, 4, 8))
