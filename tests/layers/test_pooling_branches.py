"""PoolingBranches: averages along rows and columns, each with its affine map."""

import numpy as np
import pytest

from larq_bvit.layers import PoolingBranches
from tests.layers.common import close, contract, normal, randomise, run

test_contract = contract(lambda: PoolingBranches(sizes=(3, 7)), (4, 6, 8))


def average(x, size, axis):
    """The mean over `size` pixels along `axis` of (B, H, W, C), zeros beyond the border."""
    x = np.moveaxis(x, axis, 0)
    y = np.zeros_like(x)
    for i in range(len(x)):
        for j in range(max(0, i - size // 2), min(len(x), i + size // 2 + 1)):
            y[i] += x[j] / size
    return np.moveaxis(y, 0, axis)


@pytest.mark.parametrize("sizes", [(3, 5), (7,)])
def test_equals_numpy(sizes):
    x = normal(2, 4, 6, 3)
    layer = PoolingBranches(sizes)
    layer.build(x.shape)
    names = [weight.name.removesuffix(":0") for weight in layer.weights]
    weights = dict(zip(names, randomise(layer.weights), strict=True))
    y, dy, dx, dw = run(layer, x)
    dw = dict(zip(names, dw, strict=True))
    expected, gradient = np.zeros_like(x), np.zeros_like(x)
    branches = [(f"{axis}{size}", size) for size in sizes for axis in "hw"]
    assert set(names) == {f"{name}/{w}" for name, _ in branches for w in ("scale", "shift")}
    for name, size in branches:
        axis, scale = "_hw".index(name[0]), weights[f"{name}/scale"]
        pooled = average(x, size, axis)
        expected += scale * pooled + weights[f"{name}/shift"]
        gradient += average(scale * dy, size, axis)  # the average's matrix is symmetric
        close(dw[f"{name}/scale"], (dy * pooled).sum((0, 1, 2)))
        close(dw[f"{name}/shift"], dy.sum((0, 1, 2)))
    close(y, expected)
    close(dx, gradient)


def test_starts_silent():
    x = normal(2, 4, 6, 3)
    y, dy, dx, dw = run(PoolingBranches(), x)
    assert (y == 0).all() and (dx == 0).all()
    assert all((gradient != 0).all() for gradient in dw)  # yet it learns


@pytest.mark.parametrize("sizes", [(2, 3), (3, -1), ()])
def test_names_the_wrong_sizes(sizes):
    with pytest.raises(ValueError, match="sizes must be odd positive integers; got ") as e:
        PoolingBranches(sizes)
    assert str(e.value).endswith(f"got {sizes}")


def test_names_the_size_that_comes_twice():
    with pytest.raises(ValueError, match=r"sizes must differ from each other; got \(3, 3\)"):
        PoolingBranches((3, 3))
