"""DeiT (Touvron et al. 2021, arXiv 2012.12877) in full precision: BinaryViT's teacher."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.layers import (
    ClassToken,
    PositionEmbedding,
    QuantAttention,
    SplitToken,
    bias_uniform,
    drop_path,
    torch_uniform,
)
from larq_bvit.zoo.architecture import Architecture
from larq_bvit.zoo.blocks import add, patch_embedding
from larq_bvit.zoo.plan_checks import check_heads, check_numbers


@dataclass(frozen=True)
class DeiTVariant:
    """A plain transformer: one width, one map, a class token."""

    dim: int = 384
    depth: int = 12
    heads: int = 6
    mlp_ratio: int = 4
    patch_size: int = 16

    def __post_init__(self) -> None:
        check_numbers(dim=self.dim, depth=self.depth, heads=self.heads)
        check_numbers(mlp_ratio=self.mlp_ratio, patch_size=self.patch_size)
        check_heads((self.dim,), (self.heads,))

    @property
    def stride(self) -> int:
        """Of the only level."""
        return self.patch_size


def layer_norm(name: str) -> tf.keras.layers.LayerNormalization:
    """Layer normalisation with the published epsilon."""
    return tf.keras.layers.LayerNormalization(epsilon=1e-5, name=name)


def linear(x: Any, units: int, name: str) -> Any:
    """Full-precision linear layer with PyTorch's initialisation, (..., C) -> (..., units)."""
    return tf.keras.layers.Dense(
        units,
        kernel_initializer=torch_uniform(),
        bias_initializer=bias_uniform(fan_in=x.shape[-1]),
        name=name,
    )(x)


def block(x: Any, variant: DeiTVariant, *, drop_rate: float, name: str) -> Any:
    """Attention and MLP, each after a norm and added to `x`."""

    def residual(y: Any, branch: str) -> Any:
        y = drop_path(drop_rate, name=f"{name}/{branch}/drop_path")(y) if drop_rate else y
        return add(y, x, name=f"{name}/{branch}/add")

    u = layer_norm(f"{name}/attention/norm")(x)
    qkv = [linear(u, variant.dim, f"{name}/attention/{s}") for s in ("query", "key", "value")]
    y = QuantAttention(variant.heads, name=f"{name}/attention/attend")(qkv)
    x = residual(linear(y, variant.dim, f"{name}/attention/out"), "attention")

    y = linear(layer_norm(f"{name}/mlp/norm")(x), variant.mlp_ratio * variant.dim, f"{name}/mlp/up")
    y = tf.keras.layers.Activation("gelu", name=f"{name}/mlp/gelu")(y)
    return residual(linear(y, variant.dim, f"{name}/mlp/down"), "mlp")


def deit(image: Any, variant: DeiTVariant, *, drop_path: float = 0.0) -> tuple[list[Any], Any]:
    """One level, the normalised map; the classifier reads the class token."""
    x = patch_embedding(image, variant.dim, variant.patch_size, name="stem/projection")
    grid = x.shape[1:3]
    x = ClassToken(name="stem/class_token")(PositionEmbedding(name="stem/position")(x))
    for i, rate in enumerate(np.linspace(0, drop_path, variant.depth).tolist(), start=1):
        x = block(x, variant, drop_rate=rate, name=f"block{i}")
    token, tokens = SplitToken(grid, name="head/split")(layer_norm("head/norm")(x))
    return [tokens], token


DeiT = Architecture(
    name="deit",
    body=deit,
    variants={"small": DeiTVariant()},
    default="small",
    __doc__="DeiT in full precision: `small`, the teacher of the published BinaryViT.",
)
