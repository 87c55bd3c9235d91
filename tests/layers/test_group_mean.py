"""GroupMean averages adjacent channels."""

import pytest

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
