"""DeiT: its block against plain NumPy, its options."""

import math

import numpy as np
import pytest

from larq_bvit.zoo import DeiT, DeiTVariant
from tests.layers.common import close, normal, policy
from tests.zoo import common

TINY = DeiTVariant(dim=8, depth=2, heads=2, mlp_ratio=3, patch_size=8)

test_contract = common.contract(DeiT, TINY)
test_variants = common.variants(DeiT, {"small": ((16, 384),)})


def layer_norm(x, gamma, beta):
    centred = x - x.mean(-1, keepdims=True)
    return gamma * centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5) + beta


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def test_equals_plain_numpy():
    with policy("float64"):
        model = DeiT(TINY, input_shape=(16, 24, 3), num_classes=5, classifier_activation=None)
    common.randomise(model)
    w = {weight.name.split(":")[0]: weight.numpy() for weight in model.weights}

    def linear(x, name):
        return x @ w[f"{name}/kernel"] + w[f"{name}/bias"]

    def norm(x, name):
        return layer_norm(x, w[f"{name}/gamma"], w[f"{name}/beta"])

    images = normal(2, 16, 24, 3)
    patches = images.reshape(2, 2, 8, 3, 8, 3).transpose(0, 1, 3, 2, 4, 5).reshape(2, 6, 192)
    x = patches @ w["stem/projection/kernel"].reshape(192, 8) + w["stem/projection/bias"]
    x = x + w["stem/position/position"].reshape(6, 8)
    token = w["stem/class_token/token"] + w["stem/class_token/position"]
    x = np.concatenate([np.tile(token, (2, 1, 1)), x], 1)
    for block in ("block1", "block2"):
        u = norm(x, f"{block}/attention/norm")
        q, k, v = (
            linear(u, f"{block}/attention/{s}").reshape(2, 7, 2, 4).transpose(0, 2, 1, 3)
            for s in ("query", "key", "value")
        )
        y = softmax(q @ k.transpose(0, 1, 3, 2) / 2) @ v
        x = x + linear(y.transpose(0, 2, 1, 3).reshape(2, 7, 8), f"{block}/attention/out")
        u = linear(norm(x, f"{block}/mlp/norm"), f"{block}/mlp/up")
        u = u * (1 + np.vectorize(math.erf)(u / 2**0.5)) / 2  # GELU
        x = x + linear(u, f"{block}/mlp/down")
    # TensorFlow's float64 erf agrees to about 1e-9 with libm's
    close(model(images), linear(norm(x, "head/norm")[:, 0], "classifier"), rtol=1e-7)


def test_stride_is_the_patch_size():
    with pytest.raises(ValueError, match="multiples of 8; got 16x20"):
        DeiT(TINY, input_shape=(16, 20, 3))


def test_drop_path():
    model = DeiT(TINY, input_shape=(16, 16, 3), drop_path=0.3)
    rates = {layer.name: layer.rate for layer in model.layers if hasattr(layer, "rate")}
    assert rates == {"block2/attention/drop_path": 0.3, "block2/mlp/drop_path": 0.3}
