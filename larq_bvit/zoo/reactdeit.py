"""From ReActDeiT-S to BinaryViT: the ablation ladder (Le & Li 2023, arXiv 2306.16678, Tab. 3)."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from larq_bvit.layers import ClassToken, PositionEmbedding, SplitToken
from larq_bvit.zoo.architecture import Architecture
from larq_bvit.zoo.blocks import batch_norm, block, patch_embedding
from larq_bvit.zoo.plan_checks import check_heads, check_numbers


@dataclass(frozen=True)
class ReActDeiTVariant:
    """DeiT made binary with ReActNet's means; every step of the ladder is one field."""

    dim: int = 384
    depth: int = 12
    heads: int = 6
    mlp_ratio: int = 4
    patch_size: int = 16
    class_token: bool = False  # else the average of the tokens is classified
    pooling_branches: bool = False
    affine: bool = False

    def __post_init__(self) -> None:
        check_numbers(dim=self.dim, depth=self.depth, heads=self.heads)
        check_numbers(mlp_ratio=self.mlp_ratio, patch_size=self.patch_size)
        check_heads((self.dim,), (self.heads,))

    @property
    def stride(self) -> int:
        """Of the only level."""
        return self.patch_size


SMALL = ReActDeiTVariant()
VARIANTS = {
    "small": replace(SMALL, class_token=True),
    "small_avg_pool": SMALL,
    "small_multi_branch": replace(SMALL, pooling_branches=True),
    "small_layer_scale": replace(SMALL, pooling_branches=True, affine=True),
}


def reactdeit(
    image: Any, variant: ReActDeiTVariant, *, drop_path: float = 0.0
) -> tuple[list[Any], Any]:
    """One level, the normalised map; the classifier reads the class token if there is one."""
    x = patch_embedding(image, variant.dim, variant.patch_size, name="stem/projection")
    grid = x.shape[1:3]
    x = PositionEmbedding(name="stem/position")(x)
    if variant.class_token:
        x = ClassToken(name="stem/class_token")(x)
    for i, rate in enumerate(np.linspace(0, drop_path, variant.depth).tolist(), start=1):
        x = block(
            x,
            heads=variant.heads,
            mlp_ratio=variant.mlp_ratio,
            affine=variant.affine,
            pooling_branches=variant.pooling_branches,
            drop_rate=rate,
            name=f"block{i}",
        )
    x = batch_norm("head/norm")(x)
    if not variant.class_token:
        return [x], None
    token, tokens = SplitToken(grid, name="head/split")(x)
    return [tokens], token


ReActDeiT = Architecture(
    name="reactdeit",
    body=reactdeit,
    variants=VARIANTS,
    default="small",
    __doc__="The ladder from a binary DeiT-S with class token to all of BinaryViT but the pyramid.",
)
