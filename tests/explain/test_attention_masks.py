"""Masks rebuild what their layers give."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.explain.attention_masks import attention_masks
from larq_bvit.zoo import DeiT, DeiTVariant
from tests.explain.conftest import PLAIN, PYRAMID, SIZE, TOKEN, build
from tests.layers.common import normal, policy

# of sums of one to 24 clips: one wrong bit would be as large as a clip
ROUNDING = {"float64": 1e-14, "float32": 1e-6, "mixed_float16": 1e-2}


def attend(model, mask, image):
    """The layer's own values (heads, keys, d) and output (heads, queries, d) for one image."""
    layer = model.get_layer(mask.name)
    inside = tf.keras.Model(model.inputs, [layer.input[2], layer.output])

    def split(x):
        rows = x.numpy().astype(np.float64).reshape(-1, layer.heads, x.shape[-1] // layer.heads)
        return rows.transpose(1, 0, 2)

    return [split(x) for x in inside(image[None], training=False)]


@pytest.mark.parametrize("precision", ROUNDING)
def test_rebuild_the_output(precision):
    with policy(precision):
        model = build(PYRAMID)
    image = normal(*SIZE, 3)
    masks = attention_masks(model, image)
    assert [(one.stage, one.block, one.name.split("/")[0]) for one in masks] == [
        (1, 1, "stage1"),
        (2, 1, "stage2"),
        (2, 2, "stage2"),
    ]
    # stage 1 reduces its keys
    assert [one.mask.shape for one in masks] == [(1, 4, 6, 2, 3), *[(2, 2, 3, 2, 3)] * 2]
    for one in masks:
        assert one.mask.dtype == bool and 0 < one.mask.mean() < 1 and one.clip > 0
        values, output = attend(model, one, image)
        weights = one.clip * one.mask.reshape(*output.shape[:2], values.shape[1])
        rebuilt = weights @ np.where(values >= 0, 1, -1)
        rounding = ROUNDING[precision] * values.shape[1] * one.clip
        np.testing.assert_allclose(output, rebuilt, rtol=0, atol=rounding)


def test_class_token():
    model, image = build(TOKEN), normal(*SIZE, 3)
    for one in attention_masks(model, image):
        assert one.mask.shape == (2, 4, 6, 4, 6)
        assert one.from_token.shape == one.to_token.shape == (2, 4, 6)
        values, output = attend(model, one, image)
        signs = np.where(values >= 0, 1, -1)
        token, places = signs[:, :1], signs[:, 1:]
        seen = one.mask.reshape(2, 24, 24) @ places + one.to_token.reshape(2, 24, 1) * token
        np.testing.assert_allclose(output[:, 1:], one.clip * seen, rtol=0, atol=1e-5 * one.clip)
        # what is left is whether the token looks at itself
        left = output[:, :1] / one.clip - one.from_token.reshape(2, 1, 24) @ places
        itself = (left / token)[..., :1].round()
        assert set(itself.ravel()) <= {0, 1}
        np.testing.assert_allclose(left, itself * token, rtol=0, atol=1e-4)


def test_one_stage_without_class_token():
    masks = attention_masks(build(PLAIN), normal(*SIZE, 3))
    assert [(one.stage, one.block, one.mask.shape) for one in masks] == [
        (1, 1, (2, 4, 6, 4, 6)),
        (1, 2, (2, 4, 6, 4, 6)),
    ]
    assert masks[0].from_token is None and masks[0].to_token is None


@pytest.mark.parametrize("clip", [0.0, -0.01])
def test_off(clip):
    model = build(PYRAMID)
    first, *others = [layer for layer in model.layers if layer.name.endswith("attention/attend")]
    first.probability_quantizer.clip.assign(clip)
    masks = attention_masks(model, normal(*SIZE, 3))
    assert masks[0].clip == np.float32(clip) and not masks[0].mask.any()
    assert len(others) == 2 and all(one.mask.any() for one in masks[1:])


def test_refuses(model):
    with pytest.raises(ValueError, match=r"one image of shape \(16, 24, 3\); got \(1, 16, 24, 3\)"):
        attention_masks(model, normal(1, *SIZE, 3))
    variant = DeiTVariant(dim=8, depth=1, heads=2, mlp_ratio=1, patch_size=8)
    full = DeiT(variant, input_shape=(16, 16, 3), num_classes=2)
    with pytest.raises(ValueError, match="'deit' has no binary attention; these have: binaryvit_"):
        attention_masks(full, normal(16, 16, 3))
