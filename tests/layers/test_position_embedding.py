"""PositionEmbedding: a learned map."""

import numpy as np

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
