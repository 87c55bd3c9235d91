"""LayerScale: one affine map per channel."""

import pytest
import tensorflow as tf

from larq_bvit.layers import LayerScale
from tests.layers.common import close, contract, normal, randomise, run

test_contract = contract(lambda: LayerScale(initial_scale=0.7), (4, 6, 8))


@pytest.mark.parametrize("shape", [(2, 4), (2, 3, 5, 4)])
def test_equals_numpy(shape):
    x = normal(*shape)
    layer = LayerScale()
    layer.build(shape)
    scale, shift = randomise(layer.weights)
    y, dy, dx, (dscale, dshift) = run(layer, x)
    for c in range(4):
        close(y[..., c], scale[c] * x[..., c] + shift[c])
        close(dx[..., c], scale[c] * dy[..., c])
        close(dscale[c], (dy[..., c] * x[..., c]).sum())
        close(dshift[c], dy[..., c].sum())


@pytest.mark.parametrize("arguments, start", [({}, 0.1), ({"initial_scale": 0.0}, 0.0)])
def test_starts_at(arguments, start):
    layer = LayerScale(**arguments)
    layer.build((None, 3))
    assert layer.scale.numpy().tolist() == [start] * 3
    assert layer.shift.numpy().tolist() == [0] * 3


def test_is_for_one_number_of_channels():
    with pytest.raises(ValueError, match=r"known number of channels; got \(None, 2, 2, None\)"):
        LayerScale()(tf.keras.Input((2, 2, None)))
    layer = LayerScale()
    layer(normal(2, 8))
    layer(normal(2, 3, 5, 8))
    with pytest.raises(ValueError, match="axis -1 of input shape to have value 8"):
        layer(normal(2, 1))
