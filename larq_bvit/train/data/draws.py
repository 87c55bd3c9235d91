"""The uniform random numbers that one image needs, by name.

Every augmentation has its own, drawn whether it is used or not: switching one on leaves what the
others do as it was.
"""

from __future__ import annotations

from typing import Any

BOX = 22  # ten attempts at area and ratio, then the position
_WIDTHS = {
    "crop": BOX,
    "flip": 1,
    "jitter": 4,  # three factors, the order
    "lighting": 3,
    "erasing": 1 + BOX,  # whether, where
    "mixing": 4,  # MixUp or CutMix, the share, the position
}
_PER_OPERATION = 2  # of RandAugment: which, and its sign


def widths(rand_augment: int) -> dict[str, int]:
    """{name: how many numbers}, with so many operations of RandAugment."""
    return {**_WIDTHS, "rand_augment": _PER_OPERATION * rand_augment}


def split(draws: Any, rand_augment: int) -> dict[str, Any]:
    """(..., sum of `widths`) -> {name: (..., its width)}, arrays or tensors alike."""
    parts, start = {}, 0
    for name, width in widths(rand_augment).items():
        parts[name] = draws[..., start : start + width]
        start += width
    return parts
