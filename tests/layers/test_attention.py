"""QuantAttention against loops over samples and heads."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers import ApproxSign, BinaryProbability, QuantAttention
from tests.layers.common import close, contract, normal, run

CLIP = 0.3
MAPS = {"same map": ((3, 4), (3, 4)), "smaller keys": ((4, 6), (2, 3))}


def binary(heads):
    return QuantAttention(heads, ApproxSign(), BinaryProbability(initial_clip=CLIP))


test_contract = contract(lambda: binary(2), (3, 4, 8), (3, 2, 8), (3, 2, 8))
test_contract_plain = contract(lambda: QuantAttention(4), (3, 4, 8), (3, 4, 8), (3, 4, 8))


def one_head(q, k, v, dy, is_binary):
    """Rows are pixels: q and dy (n, d), k and v (m, d) -> y, dq, dk, dv, dclip."""
    rows = [np.sign(x) if is_binary else x for x in (q, k, v)]
    scores = rows[0] @ rows[1].T / np.sqrt(q.shape[1])
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    weights, dp_scale, dclip_scale = p, 1, 0
    if is_binary:
        weights = np.where(p > CLIP / 2, CLIP, 0)
        dp_scale = p <= CLIP
        dclip_scale = np.where(p <= CLIP, (p > CLIP / 2) - p / CLIP, 1)
    dweights = dy @ rows[2].T
    dp = dweights * dp_scale
    dscores = p * (dp - (p * dp).sum(1, keepdims=True)) / np.sqrt(q.shape[1])
    gradients = dscores @ rows[1], dscores.T @ rows[0], weights.T @ dy
    if is_binary:
        triangles = (np.maximum(2 - 2 * np.abs(x), 0) for x in (q, k, v))
        gradients = [g * t for g, t in zip(gradients, triangles, strict=True)]
    return weights @ rows[2], *gradients, (dweights * dclip_scale).sum()


@pytest.mark.parametrize("is_binary", [True, False], ids=["binary", "plain"])
@pytest.mark.parametrize("maps", MAPS.values(), ids=MAPS)
def test_equals_numpy(maps, is_binary):
    heads, d = 3, 4
    q, k, v = (
        normal(2, *size, heads * d, seed=i) for i, size in enumerate(maps[:1] + maps[1:] * 2)
    )
    layer = binary(heads) if is_binary else QuantAttention(heads)
    y, dy, gradients, dclip = run(layer, q, k, v)
    assert y.shape == q.shape
    expected_dclip = 0
    for sample in range(2):
        for head in range(heads):
            own = (sample, ..., slice(head * d, (head + 1) * d))
            rows = (x[own].reshape(-1, d) for x in (q, k, v, dy))
            expected = one_head(*rows, is_binary)
            for got, want in zip((y, *gradients), expected, strict=False):
                close(got[own].reshape(-1, d), want)
            expected_dclip += expected[-1]
    if is_binary:
        close(dclip, expected_dclip)
        assert expected_dclip != 0 and (y != 0).any()
    else:
        assert dclip == []


def test_has_one_clip_named_after_its_quantizer():
    layer = binary(2)
    layer.build([(None, 3, 4, 8)] * 3)
    (clip,) = layer.weights
    assert clip.name == f"{layer.probability_quantizer.name}/clip:0" and clip.shape == ()


@pytest.mark.parametrize("heads, channels", [(3, [8, 8, 8]), (2, [8, 8, 6]), (2, [8, 6, 6])])
def test_names_the_wrong_widths(heads, channels):
    with pytest.raises(ValueError, match=f"multiple of heads={heads}; got ") as e:
        QuantAttention(heads)([normal(1, 2, 3, c) for c in channels])
    assert f"share a number of channels that is a multiple of heads={heads}" in str(e.value)
    assert f"got {channels}" in str(e.value)


def test_maps_of_open_size():
    q = tf.keras.Input((2, 2, 4))
    with pytest.raises(ValueError, match="expected maps of known height and width"):
        QuantAttention(2)([q, *[tf.keras.Input((None, 2, 4))] * 2])


def test_a_plain_function_as_quantizer():
    q = normal(1, 2, 3, 4).astype("float32")
    got = QuantAttention(2, tf.sign, tf.round)([q, q, q])
    np.testing.assert_array_equal(got, QuantAttention(2, tf.sign, Rounding())([q, q, q]))


class Rounding(tf.keras.layers.Layer):
    def call(self, x):
        return tf.round(x)


def test_key_and_value_of_different_sizes():
    with pytest.raises(ValueError, match=r"maps of one size; got \[2, 3\] and \[3, 2\]"):
        QuantAttention(2)([normal(1, *size, 4) for size in ((2, 3), (2, 3), (3, 2))])


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (normal(3, 2, 3, 4), "expects 3 input.s., but it received 1"),
        ([normal(1, 2, 3, 4)] * 2, "expects 3 input.s., but it received 2"),
        ([normal(1, 6, 4)] * 3, "expected ndim=4, found ndim=3"),
    ],
)
def test_names_what_is_not_three_maps(inputs, message):
    with pytest.raises(ValueError, match=message):
        QuantAttention(2)(inputs)


@pytest.mark.parametrize("heads", [0, -2])
def test_names_the_wrong_heads(heads):
    with pytest.raises(ValueError, match=f"heads must be a positive integer; got {heads}"):
        QuantAttention(heads)
