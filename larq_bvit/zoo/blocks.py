"""BinaryViT's repeated unit and the block made of it (Le & Li 2023, arXiv 2306.16678, Sec. 3).

    unit(op, shortcut)(x) = rprelu(norm(op(sign(x + shift))) + shortcut)

Every function takes and gives maps (B, H, W, C); `name` is the path of its layers.
"""

from math import gcd
from typing import Any

import tensorflow as tf

from larq_bvit.layers import (
    ApproxSign,
    BinaryProbability,
    ChannelTile,
    GroupMean,
    LayerScale,
    LearnedShift,
    PoolingBranches,
    QuantAttention,
    RPReLU,
    Upsample,
    bias_uniform,
    binary_linear,
    drop_path,
    torch_uniform,
)


def batch_norm(name: str) -> tf.keras.layers.BatchNormalization:
    """Batch normalisation with PyTorch's defaults; replaces layer norm in binary transformers.

    Built for several replicas it takes the statistics of all of them together, as the published
    code does. Only then: on one device Keras would compute the same in separate operators.
    """
    several = tf.distribute.get_strategy().num_replicas_in_sync > 1
    return tf.keras.layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, synchronized=several, name=name
    )


def add(*terms: Any, name: str) -> Any:
    """Residual addition."""
    return tf.keras.layers.Add(name=name)(list(terms))


def patch_embedding(image: Any, dim: int, patch_size: int, name: str) -> Any:
    """Full-precision patches, (B, H, W, 3) -> (B, H / patch, W / patch, dim)."""
    return tf.keras.layers.Conv2D(
        dim,
        patch_size,
        strides=patch_size,
        kernel_initializer=torch_uniform(),
        bias_initializer=bias_uniform(fan_in=patch_size**2 * image.shape[-1]),
        name=name,
    )(image)


def unit(x: Any, op: tf.keras.layers.Layer, shortcut: Any, name: str) -> Any:
    """`rprelu(norm(op(sign(x + shift))) + shortcut)`; the sign is `op`'s input quantizer."""
    y = op(LearnedShift(name=f"{name}/shift")(x))
    y = add(batch_norm(f"{name}/norm")(y), shortcut, name=f"{name}/add")
    return RPReLU(name=f"{name}/rprelu")(y)


def linear_unit(x: Any, name: str) -> Any:
    """A unit of a binary linear layer that keeps the width."""
    return unit(x, binary_linear(x.shape[-1], name=f"{name}/linear"), shortcut=x, name=name)


def attention(x: Any, *, heads: int, reduction: int, name: str) -> Any:
    """Binary multi-head attention, keys and values from a map reduced by average pooling.

    Where `reduction` does not divide the height or the width, its greatest common divisor
    with that side is taken instead, so every size has a model with the same weights.
    """
    height, width = x.shape[1:3]
    ratio = gcd(reduction, height), gcd(reduction, width)
    small = x
    if reduction > 1:
        small = tf.keras.layers.AveragePooling2D(ratio, name=f"{name}/reduce/pool")(x)
        small = linear_unit(small, name=f"{name}/reduce")
    q = linear_unit(x, name=f"{name}/query")
    k = linear_unit(small, name=f"{name}/key")
    v = linear_unit(small, name=f"{name}/value")

    attend = QuantAttention(
        heads,
        ApproxSign(),
        BinaryProbability(name="probability"),  # unnamed, Keras would number it
        name=f"{name}/attend",
    )
    sides = {"query": q, "key": k, "value": v}
    context = attend([LearnedShift(name=f"{name}/attend/{s}")(y) for s, y in sides.items()])
    context = batch_norm(f"{name}/context/norm")(context)
    if reduction > 1:
        k = Upsample(ratio, name=f"{name}/key/upsample")(k)
        v = Upsample(ratio, name=f"{name}/value/upsample")(v)
    context = RPReLU(name=f"{name}/context/rprelu")(add(context, q, k, v, name=f"{name}/context"))
    return linear_unit(context, name=f"{name}/out")


def mlp(x: Any, *, ratio: int, name: str) -> Any:
    """Two binary linear layers; the shortcuts tile the channels, then average groups of them."""
    channels = x.shape[-1]
    up = binary_linear(ratio * channels, name=f"{name}/up/linear")
    hidden = unit(x, up, ChannelTile(ratio, name=f"{name}/up/tile")(x), name=f"{name}/up")
    down = binary_linear(channels, name=f"{name}/down/linear")
    shortcut = GroupMean(ratio, name=f"{name}/down/group_mean")(hidden)
    return unit(hidden, down, shortcut, name=f"{name}/down")


def block(
    x: Any,
    *,
    heads: int,
    mlp_ratio: int,
    name: str,
    reduction: int = 1,
    affine: bool = True,
    pooling_branches: bool = True,
    drop_rate: float = 0.0,
) -> Any:
    """Attention and MLP, each added to `x`; the pooling branches are never dropped."""

    def main_branch(y: Any, branch: str) -> Any:
        if affine:
            y = LayerScale(initial_scale=0.1, name=f"{name}/{branch}/affine")(y)
        return drop_path(drop_rate, name=f"{name}/{branch}/drop_path")(y) if drop_rate else y

    u = batch_norm(f"{name}/attention/norm")(x)
    y = attention(u, heads=heads, reduction=reduction, name=f"{name}/attention")
    x = add(main_branch(y, "attention"), x, name=f"{name}/attention/add")

    u = batch_norm(f"{name}/mlp/norm")(x)
    y = mlp(u, ratio=mlp_ratio, name=f"{name}/mlp")
    terms = [main_branch(y, "mlp"), x]
    if pooling_branches:
        terms.append(PoolingBranches(name=f"{name}/pooling")(u))
    return add(*terms, name=f"{name}/add")
