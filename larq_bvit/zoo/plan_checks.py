"""Checks of the numbers in a variant: every error says what was expected and what came."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def check_numbers(least: int = 1, **fields: Any) -> None:
    """Integers, `least` or more."""
    for name, value in fields.items():
        if not _is_integer(value, least):
            kind = "a positive integer" if least == 1 else f"an integer of at least {least}"
            raise ValueError(f"{name} must be {kind}; got {value!r}")


def check_plans(least: int = 1, **fields: Any) -> None:
    """Tuples of integers, `least` or more, with an entry per stage and at least one stage."""
    for name, plan in fields.items():
        listed = isinstance(plan, (tuple, list)) and len(plan) > 0
        if not listed or not all(_is_integer(value, least) for value in plan):
            kind = "positive integers" if least == 1 else f"integers of at least {least}"
            raise ValueError(f"{name} must be a tuple of {kind}, one or more; got {plan!r}")


def check_heads(dims: Sequence[int], heads: Sequence[int]) -> None:
    """Each width is a multiple of its number of heads."""
    for dim, number in zip(dims, heads, strict=True):
        if dim % number:
            raise ValueError(f"heads must divide the width; got {number} heads of width {dim}")


def _is_integer(value: Any, least: int) -> bool:
    integer = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return integer and value >= least
