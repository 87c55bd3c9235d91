"""Bi-Real Net (Liu et al. 2018, arXiv 1808.00278 and 1811.01335): binary ResNets.

Every map in here is the mirror image of the input, see `Mirror`.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from larq_bvit.layers import LeakyClip, Mirror, binary_conv, torch_uniform
from larq_bvit.zoo.architecture import Architecture
from larq_bvit.zoo.blocks import add, batch_norm, unit
from larq_bvit.zoo.plan_checks import check_plans

WIDTHS = (64, 128, 256, 512)


@dataclass(frozen=True)
class BiRealNetVariant:
    """Blocks of one binary convolution, or of three (`bottleneck`), in four stages."""

    depths: tuple[int, ...]
    bottleneck: bool = False
    react: bool = False  # ReActNet's learned shifts and RPReLU
    widths: tuple[int, ...] = WIDTHS  # of 3x3 convolutions

    stride: ClassVar[int] = 32  # of the last level

    def __post_init__(self) -> None:
        check_plans(0, depths=self.depths)
        check_plans(widths=self.widths)
        for name, plan in {"depths": self.depths, "widths": self.widths}.items():
            if len(plan) != len(WIDTHS):
                raise ValueError(f"{name} must have {len(WIDTHS)} entries; got {plan}")
        if self.bottleneck and self.react:
            raise ValueError("ReActNet has no bottleneck blocks")


VARIANTS = {
    "18": BiRealNetVariant(depths=(4, 4, 4, 4)),
    "34": BiRealNetVariant(depths=(6, 8, 12, 6)),
    "50": BiRealNetVariant(depths=(3, 4, 6, 3), bottleneck=True),
}


def latent_conv(
    filters: int, kernel_size: int, strides: int = 1, *, name: str
) -> tf.keras.layers.Layer:
    """Binary convolution that starts as the published ones: weights from 0 to 0.001, all +1."""
    start = tf.keras.initializers.RandomUniform(0, 0.001)
    return binary_conv(filters, kernel_size, strides, kernel_initializer=start, name=name)


def conv(
    x: Any, filters: int, kernel_size: int = 1, strides: int = 1, groups: int = 1, *, name: str
) -> Any:
    """Full-precision convolution without bias."""
    return tf.keras.layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        groups=groups,
        use_bias=False,
        kernel_initializer=torch_uniform(),
        name=name,
    )(x)


def real_shortcut(x: Any, filters: int, stride: int, name: str) -> Any:
    """Average pooling, full-precision 1x1 convolution, norm."""
    x = tf.keras.layers.AveragePooling2D(stride, name=f"{name}/pool")(x) if stride > 1 else x
    return batch_norm(f"{name}/norm")(conv(x, filters, name=f"{name}/conv"))


def stem(image: Any, dim: int) -> Any:
    """7x7 convolution and 3x3 maximum, both at stride 2, (B, H, W, 3) -> (B, H/4, W/4, dim)."""
    x = conv(Mirror(name="mirror")(image), dim, 7, strides=2, name="stem/conv")
    x = batch_norm("stem/norm")(x)
    return tf.keras.layers.MaxPooling2D(3, strides=2, padding="same", name="stem/pool")(x)


def basic_block(x: Any, filters: int, stride: int, *, react: bool, name: str) -> Any:
    """`norm(conv(sign(x))) + shortcut`, inside ReActNet's unit where `react`."""
    shortcut = x
    if stride > 1 or filters != x.shape[-1]:
        shortcut = real_shortcut(x, filters, stride, f"{name}/shortcut")
    op = latent_conv(filters, 3, stride, name=f"{name}/conv")
    if react:
        return unit(x, op, shortcut, name=name)
    return add(batch_norm(f"{name}/norm")(op(x)), shortcut, name=f"{name}/add")


def bottleneck(inner: Any, outer: Any, filters: int, stride: int, first: bool, name: str) -> Any:
    """Three binary convolutions with a shortcut each; two streams, narrow and wide.

    The narrow stream feeds the shortcuts of the first two convolutions, the wide one that of
    the third. The very first convolution of the network is in full precision.
    """
    narrow = filters // 4

    def binary(x: Any, width: int, kernel_size: int, strides: int, i: int) -> Any:
        op = latent_conv(width, kernel_size, strides, name=f"{name}/conv{i}")
        return batch_norm(f"{name}/norm{i}")(op(x))

    changes = stride > 1 or outer.shape[-1] != filters
    if first:
        y = conv(LeakyClip(name=f"{name}/clip")(outer), narrow, name=f"{name}/conv1")
        y = batch_norm(f"{name}/norm1")(y)
    else:
        if changes:
            inner = conv(inner, narrow, name=f"{name}/inner_shortcut/conv")
        y = add(binary(outer, narrow, 1, 1, 1), inner, name=f"{name}/add1")
    shortcut = y
    if stride > 1:
        shortcut = tf.keras.layers.AveragePooling2D(2, name=f"{name}/pool")(y)
    inner = add(binary(y, narrow, 3, stride, 2), shortcut, name=f"{name}/add2")
    if changes:
        outer = real_shortcut(outer, filters, stride, f"{name}/outer_shortcut")
    return inner, add(binary(inner, filters, 1, 1, 3), outer, name=f"{name}/add3")


def birealnet(image: Any, variant: BiRealNetVariant) -> tuple[list[Any], None]:
    """Four levels at strides 4, 8, 16 and 32."""
    x = inner = stem(image, variant.widths[0])
    levels = []
    stages = zip(variant.widths, variant.depths, strict=True)
    for stage, (width, depth) in enumerate(stages, start=1):
        for i in range(1, depth + 1):
            stride = 2 if stage > 1 and i == 1 else 1
            name = f"stage{stage}/block{i}"
            if variant.bottleneck:
                first = stage == i == 1
                inner, x = bottleneck(inner, x, 4 * width, stride, first, name)
            else:
                x = basic_block(x, width, stride, react=variant.react, name=name)
        levels.append(Mirror(name=f"stage{stage}/mirror")(x))
    return levels, None


BiRealNet = Architecture(
    name="birealnet",
    body=birealnet,
    variants=VARIANTS,
    default="18",
    __doc__="Bi-Real Net of 18, 34 and 50 layers.",
)
