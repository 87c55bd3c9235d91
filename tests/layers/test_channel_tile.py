"""ChannelTile repeats the channels in order."""

import numpy as np
import pytest

from larq_bvit.layers import ChannelTile, GroupMean
from tests.layers.common import close, contract, normal, run

test_contract = contract(lambda: ChannelTile(3), (4, 6, 8))


@pytest.mark.parametrize("ratio", [1, 2, 3])
@pytest.mark.parametrize("shape", [(2, 4), (2, 3, 5, 4)])
def test_equals_numpy(shape, ratio):
    x = normal(*shape)
    y, dy, dx, _ = run(ChannelTile(ratio), x)
    assert y.shape == (*shape[:-1], 4 * ratio)
    for channel in range(4 * ratio):
        close(y[..., channel], x[..., channel % 4])
    close(dx, sum(dy[..., 4 * i : 4 * i + 4] for i in range(ratio)))


def test_trap_1_tile_is_not_the_inverse_of_group_mean():
    x = np.array([[1.0, 2.0, 3.0]])
    tiled = ChannelTile(2)(x).numpy()
    assert tiled.tolist() == [[1, 2, 3, 1, 2, 3]]
    assert GroupMean(2)(tiled).numpy().tolist() == [[1.5, 2, 2.5]]  # of (1 2) (3 1) (2 3)
    assert GroupMean(2)(np.repeat(x, 2, axis=-1)).numpy().tolist() == x.tolist()
