"""ReActNet (Liu et al. 2020, arXiv 2003.03488): a binary MobileNet, and a binary ResNet-18.

Every map in here is the mirror image of the input, see `Mirror`.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import tensorflow as tf

from larq_bvit.layers import LearnedShift, Mirror, RPReLU
from larq_bvit.zoo.architecture import Architecture
from larq_bvit.zoo.birealnet import BiRealNetVariant, birealnet, conv, latent_conv
from larq_bvit.zoo.blocks import add, batch_norm, unit
from larq_bvit.zoo.plan_checks import check_numbers, check_plans


@dataclass(frozen=True)
class ReActNetVariant:
    """MobileNet's plan; a block that doubles the width does it in two 1x1 convolutions."""

    widths: tuple[int, ...] = (32, 64, 128, 128, 256, 256, *[512] * 6, 1024, 1024)
    real_doubling_groups: int = 0  # 0: the doubling convolutions are binary, as in ReActNet-A

    def __post_init__(self) -> None:
        check_plans(widths=self.widths)
        check_numbers(0, real_doubling_groups=self.real_doubling_groups)
        if any(wide not in (width, 2 * width) for width, wide in pairwise(self.widths)):
            raise ValueError(f"a width must be the last one or its double; got {self.widths}")

    @property
    def stride(self) -> int:
        """Of the last level: the stem's and all doublings', but for the first block's."""
        return 2 ** (1 + sum(a != b for a, b in pairwise(self.widths[1:])))


VARIANTS = {
    "a": ReActNetVariant(),
    "b": ReActNetVariant(real_doubling_groups=4),
    "c": ReActNetVariant(real_doubling_groups=1),
    "18": BiRealNetVariant(depths=(4, 4, 4, 4), react=True),
}


def double(x: Any, groups: int, name: str) -> Any:
    """Two 1x1 convolutions beside each other, each with `x` as its shortcut, (.., C) -> (.., 2C).

    Binary for `groups` of 0, else in full precision and in so many groups.
    """
    channels = x.shape[-1]
    shifted = x if groups else LearnedShift(name=f"{name}/shift")(x)
    halves = []
    for side in ("left", "right"):
        if groups:
            y = conv(x, channels, groups=groups, name=f"{name}/{side}/conv")
        else:
            y = latent_conv(channels, 1, name=f"{name}/{side}/conv")(shifted)
        halves.append(add(batch_norm(f"{name}/{side}/norm")(y), x, name=f"{name}/{side}/add"))
    y = tf.keras.layers.Concatenate(name=f"{name}/concat")(halves)
    return RPReLU(name=f"{name}/rprelu")(y)


def block(x: Any, width: int, stride: int, groups: int, name: str) -> Any:
    """A 3x3 and a 1x1 binary convolution, each a unit with its own shortcut."""
    shortcut = tf.keras.layers.AveragePooling2D(2, name=f"{name}/pool")(x) if stride > 1 else x
    channels = x.shape[-1]
    spatial = latent_conv(channels, 3, stride, name=f"{name}/spatial/conv")
    x = unit(x, spatial, shortcut, name=f"{name}/spatial")
    if width == channels:
        pointwise = latent_conv(channels, 1, name=f"{name}/pointwise/conv")
        return unit(x, pointwise, x, name=f"{name}/pointwise")
    return double(x, groups, name=f"{name}/pointwise")


def reactnet(image: Any, variant: ReActNetVariant | BiRealNetVariant) -> tuple[list[Any], None]:
    """Levels at strides 4, 8, 16, 32."""
    if isinstance(variant, BiRealNetVariant):
        return birealnet(image, variant)
    first, *widths = variant.widths
    x = conv(Mirror(name="mirror")(image), first, 3, strides=2, name="stem/conv")
    x = batch_norm("stem/norm")(x)
    levels: list[Any] = []
    for i, width in enumerate(widths, start=1):
        # every doubling halves the map, but for the first block's
        stride = 2 if i > 1 and width != x.shape[-1] else 1
        if stride == 2 and x.shape[1] < image.shape[1] // 2:
            levels.append(x)
        x = block(x, width, stride, variant.real_doubling_groups, name=f"block{i}")
    levels.append(x)
    return [Mirror(name=f"level{n}/mirror")(y) for n, y in enumerate(levels, start=1)], None


ReActNet = Architecture(
    name="reactnet",
    body=reactnet,
    variants=VARIANTS,
    default="a",
    __doc__="ReActNet-A, -B and -C on MobileNet's plan, ReActNet-18 on Bi-Real-Net-18's.",
)
