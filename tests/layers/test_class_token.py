"""ClassToken puts a learned token before the map's."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers import ClassToken
from tests.layers.common import close, contract, normal, randomise, run

test_contract = contract(ClassToken, (4, 6, 8))


def test_equals_numpy():
    x = normal(2, 3, 5, 4)
    layer = ClassToken()
    layer.build(x.shape)
    token, position = randomise(layer.weights)
    y, dy, dx, (dtoken, dposition) = run(layer, x)
    assert y.shape == (2, 1, 16, 4)
    for sample in range(2):
        close(y[sample, 0, 0], token + position)
        close(y[sample, 0, 1:], [x[sample, i, j] for i in range(3) for j in range(5)])
    close(dx, dy[:, 0, 1:].reshape(x.shape))
    close(dtoken, dy[0, 0, 0] + dy[1, 0, 0])
    close(dposition, dtoken)


def test_starts_as_published():
    layer = ClassToken()
    layer.build((None, 2, 2, 4096))
    np.testing.assert_allclose(np.std(layer.token), 1e-6, rtol=0.05)
    np.testing.assert_allclose(np.std(layer.position), 0.02, rtol=0.05)


def test_a_map_of_open_size():
    with pytest.raises(ValueError, match="expected a map of known height and width"):
        ClassToken()(tf.keras.Input((None, 4, 8)))
