"""`key=value`: fields of a recipe, changed from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tomli_w

from larq_bvit._toml import field_names, parse_toml, unknown
from larq_bvit.train.recipe import Recipe


def override(table: dict[str, Any], overrides: Sequence[str]) -> None:
    """Changes a recipe's table in place.

    Arguments:
        table: of the recipe's TOML file.
        overrides: `optimizer.learning_rate=1e-3`, `data.size=[64, 64]`, `distillation=`; see
            `parse`. Later ones win.

    Raises:
        ValueError: no such field (with the nearest), or not `key=value`.
    """
    for text in overrides:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not equals or not key:
            raise ValueError(f"expected key=value, such as epochs=10; got {text!r}")
        _check(key)
        *path, name = key.split(".")
        inner = table
        for part in path:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                raise ValueError(f"expected {key!r} to be within a table; {part!r} is {inner!r}")
        if value.strip():
            inner[name] = parse(value)
        else:
            inner.pop(name, None)


def overrides_of(table: dict[str, Any], prefix: str = "") -> list[str]:
    """What `override` makes this table of, with `prefix` before every key."""
    texts: list[str] = []
    for name, value in table.items():
        if isinstance(value, dict):
            texts += overrides_of(value, f"{prefix}{name}.")
        else:
            texts.append(f"{prefix}{tomli_w.dumps({name: value}).strip()}")
    return texts


def parse(value: str) -> Any:
    """A value as TOML has it; a string without quotes where it is none."""
    try:
        table = parse_toml(f"value = {value}")
    except ValueError:
        return value.strip()
    return table["value"] if len(table) == 1 else value


def _check(key: str) -> None:
    names = field_names(Recipe)
    free = tuple(f"{name}." for name, any_names in names.items() if any_names)
    if key not in names and not key.startswith(free):
        raise unknown("field", key, names)
