"""SplitToken undoes ClassToken."""

import numpy as np
import pytest

from larq_bvit.layers import ClassToken, SplitToken
from tests.layers.common import close, contract, normal, randomise, run

test_contract = contract(lambda: SplitToken(grid=(3, 5)), (1, 16, 8))


def test_equals_numpy():
    x = normal(2, 1, 7, 4)
    (token, grid), (dtoken, dgrid), dx, _ = run(SplitToken(grid=(2, 3)), x)
    close(token, x[:, 0, 0])
    for i in range(2):
        for j in range(3):
            close(grid[:, i, j], x[:, 0, 1 + 3 * i + j])
    close(dx, np.concatenate([dtoken[:, None], dgrid.reshape(2, 6, 4)], 1)[:, None])


def test_undoes_class_token():
    x = normal(2, 3, 5, 4)
    join = ClassToken()
    join.build(x.shape)
    first, position = randomise(join.weights)
    token, grid = SplitToken(grid=(3, 5))(join(x))
    close(grid, x)
    close(token, np.tile(first + position, (2, 1)))


@pytest.mark.parametrize("shape", [(3, 1, 17, 8), (3, 9, 8), (3, 2, 9, 8)])
def test_names_the_wrong_tokens(shape):
    with pytest.raises(ValueError, match=r"a map of \(4, 2\), \(B, 1, 9, C\); got \(3, "):
        SplitToken((4, 2))(normal(*shape))


def test_is_for_one_number_of_tokens():
    layer = SplitToken((4, 2))
    layer(normal(3, 1, 9, 8))
    with pytest.raises(ValueError, match="expected shape=.*, found shape=.3, 1, 17, 8"):
        layer(normal(3, 1, 17, 8))
