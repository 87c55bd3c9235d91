"""Checks of settings: every error says what was expected, and what it got."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def one_of(name: str, value: Any, choices: Sequence[str]) -> None:
    if value not in choices:
        raise ValueError(f"expected {name} to be one of {', '.join(choices)}; got {value!r}")


def numbers(name: str, value: Any, length: int) -> None:
    if not isinstance(value, tuple) or len(value) != length:
        raise ValueError(f"expected {name} to be a tuple of {length} numbers; got {value!r}")


def interval(name: str, value: Any, upper: float = float("inf")) -> None:
    numbers(name, value, 2)
    if not 0 < value[0] <= value[1] <= upper:
        limit = "" if upper == float("inf") else f" <= {upper}"
        raise ValueError(f"expected {name} (low, high) with 0 < low <= high{limit}; got {value}")


def number(name: str, value: Any, upper: float = float("inf")) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= upper:
        limit = "at least 0" if upper == float("inf") else f"from 0 to {upper}"
        raise ValueError(f"expected {name} to be a number {limit}; got {value!r}")


def positive(name: str, value: Any) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 < value < float("inf")
    ):
        raise ValueError(f"expected {name} to be a number above 0; got {value!r}")


def whole(name: str, value: Any, lower: int = 0) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < lower:
        raise ValueError(f"expected {name} to be a whole number, at least {lower}; got {value!r}")
