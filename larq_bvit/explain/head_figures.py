"""Figures of one attention head on one image."""

from dataclasses import dataclass

import numpy as np

from larq_bvit.explain.attention_masks import AttentionMask


@dataclass(frozen=True)
class HeadFigures:
    """How a head spreads its attention over the places of the map, without the class token."""

    queries: int
    keys: int
    ones: float  # share of 1 in the mask
    # of the distribution of all ones over the keys, in bits: 0 where all are at one key,
    # log2(keys) where every key has as many; None without ones
    entropy: float | None
    never_attended: int  # keys that no query attends to
    blind: int  # queries that attend to nothing, not even the class token


def head_figures(mask: AttentionMask) -> list[HeadFigures]:
    """The figures of every head."""
    heads, *sides = mask.mask.shape
    bits = mask.mask.reshape(heads, sides[0] * sides[1], -1)  # (heads, queries, keys)
    blind = ~bits.any(axis=2)
    if mask.to_token is not None:
        blind &= ~mask.to_token.reshape(heads, -1)
    return [_figures(one, int(none.sum())) for one, none in zip(bits, blind, strict=True)]


def _figures(bits: np.ndarray, blind: int) -> HeadFigures:
    """`bits` (queries, keys)."""
    queries, keys = bits.shape
    counts = bits.sum(axis=0)
    share = counts[counts > 0] / max(counts.sum(), 1)
    entropy = float(-(share * np.log2(share)).sum()) + 0.0 if len(share) else None  # never -0.0
    ones = float(bits.mean())
    return HeadFigures(queries, keys, ones, entropy, int((counts == 0).sum()), blind)


def attended_share(mask: AttentionMask) -> np.ndarray:
    """Share of the queries that attend to each key, (heads, keys_h, keys_w), 0 to 1."""
    return mask.mask.mean(axis=(1, 2))


def percent(share: float, decimals: int = 0) -> str:
    """`38%`; what is neither nothing nor all never looks so: `<1%`, `>99%`."""
    shown, least = f"{share:.{decimals}%}", 0.01 / 10**decimals
    if share > 0 and shown == f"{0:.{decimals}%}":
        return f"<{least:.{decimals}%}"
    return f">{1 - least:.{decimals}%}" if share < 1 and shown == f"{1:.{decimals}%}" else shown
