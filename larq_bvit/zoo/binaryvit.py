"""BinaryViT (Le & Li 2023, arXiv 2306.16678), Sec. 3: a binary pyramid without convolutions."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.layers import (
    ChannelTile,
    LearnedShift,
    PositionEmbedding,
    RPReLU,
    binary_conv,
    torch_uniform,
)
from larq_bvit.zoo.architecture import Architecture
from larq_bvit.zoo.blocks import add, batch_norm, block, patch_embedding
from larq_bvit.zoo.plan_checks import check_heads, check_numbers, check_plans


@dataclass(frozen=True)
class BinaryViTVariant:
    """Four stages at strides 4, 8, 16 and 32. A stage's width is a multiple of the last one's."""

    dims: tuple[int, ...] = (64, 128, 256, 512)
    depths: tuple[int, ...] = (3, 4, 8, 4)
    heads: tuple[int, ...] = (1, 2, 4, 8)
    mlp_ratios: tuple[int, ...] = (8, 8, 4, 4)
    reductions: tuple[int, ...] = (8, 4, 1, 1)
    binary_downsampling: bool = True
    patch_size: int = 4

    def __post_init__(self) -> None:
        check_plans(dims=self.dims, heads=self.heads)
        check_plans(mlp_ratios=self.mlp_ratios, reductions=self.reductions)
        check_plans(0, depths=self.depths)
        check_numbers(patch_size=self.patch_size)
        lengths = [len(plan) for plan in self.stages]
        if len(set(lengths)) != 1:
            raise ValueError(
                "dims, depths, heads, mlp_ratios and reductions must have an entry per stage; "
                f"got {lengths} entries"
            )
        check_heads(self.dims, self.heads)
        if self.binary_downsampling and any(wide % dim for dim, wide in pairwise(self.dims)):
            raise ValueError(f"every width must be a multiple of the last one; got {self.dims}")

    @property
    def stages(self) -> tuple[tuple[int, ...], ...]:
        """All plans with an entry per stage."""
        return self.dims, self.depths, self.heads, self.mlp_ratios, self.reductions

    @property
    def stride(self) -> int:
        """Of the last level."""
        return self.patch_size * 2 ** (len(self.dims) - 1)


SMALL = BinaryViTVariant()
VARIANTS = {
    "small": SMALL,  # the paper's
    "small_fp_down": replace(SMALL, binary_downsampling=False),  # the paper's, last row of Tab. 2
    # ours, for small data sets and laptops: heads of 64 channels as in the paper's, so that
    # every binary product packs into whole 64-bit words, and half the spatial reduction, so that
    # attention has something to choose from on small images
    "tiny": BinaryViTVariant(
        dims=(64, 128, 256, 256),
        depths=(2, 2, 6, 2),
        heads=(1, 2, 4, 4),
        mlp_ratios=(4, 4, 4, 4),
        reductions=(4, 2, 1, 1),
    ),
    "nano": BinaryViTVariant(
        dims=(64, 64, 128, 256),
        depths=(1, 1, 3, 1),
        heads=(1, 1, 2, 4),
        mlp_ratios=(4, 4, 4, 4),
        reductions=(4, 2, 1, 1),
    ),
}


def downsample(x: Any, dim: int, *, binary: bool, name: str) -> Any:
    """Halves the map and widens it to `dim` by a 2x2 convolution at stride 2, binary or not."""
    x = batch_norm(f"{name}/norm_in")(x)
    if binary:
        shortcut = tf.keras.layers.AveragePooling2D(2, name=f"{name}/pool")(x)
        shortcut = ChannelTile(dim // x.shape[-1], name=f"{name}/tile")(shortcut)
        y = LearnedShift(name=f"{name}/shift")(x)
        y = binary_conv(dim, 2, strides=2, padding="valid", name=f"{name}/conv")(y)
        y = add(batch_norm(f"{name}/norm")(y), shortcut, name=f"{name}/add")
        y = RPReLU(name=f"{name}/rprelu")(y)
    else:
        conv = tf.keras.layers.Conv2D(
            dim, 2, 2, use_bias=False, kernel_initializer=torch_uniform(), name=f"{name}/conv"
        )
        y = batch_norm(f"{name}/norm")(conv(x))
    return PositionEmbedding(name=f"{name}/position")(y)


def binaryvit(
    image: Any,
    variant: BinaryViTVariant,
    *,
    drop_path: float = 0.0,
    affine: bool = True,
    pooling_branches: bool = True,
) -> tuple[list[Any], None]:
    """A level per stage, the last one normalised; `drop_path` is the last block's rate.

    Without `affine` or `pooling_branches` it is the paper's ablation of these parts.
    """
    x = patch_embedding(image, variant.dims[0], variant.patch_size, name="stem/projection")
    x = PositionEmbedding(name="stem/position")(batch_norm("stem/norm")(x))
    drop_rates = iter(np.linspace(0, drop_path, sum(variant.depths)).tolist())
    levels = []
    stages = zip(*variant.stages, strict=True)
    for stage, (dim, depth, heads, mlp_ratio, reduction) in enumerate(stages, start=1):
        if stage > 1:
            name = f"stage{stage}/downsample"
            x = downsample(x, dim, binary=variant.binary_downsampling, name=name)
        for i in range(1, depth + 1):
            x = block(
                x,
                heads=heads,
                mlp_ratio=mlp_ratio,
                reduction=reduction,
                affine=affine,
                pooling_branches=pooling_branches,
                drop_rate=next(drop_rates),
                name=f"stage{stage}/block{i}",
            )
        levels.append(x)
    levels[-1] = batch_norm("head/norm")(x)
    return levels, None


BinaryViT = Architecture(
    name="binaryvit",
    body=binaryvit,
    variants=VARIANTS,
    default="small",
    __doc__="BinaryViT: `small` and `small_fp_down` of the paper, `tiny` and `nano` of our own.",
)
