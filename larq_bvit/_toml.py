"""Settings in TOML files, into frozen dataclasses that check themselves."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")
_WORDS = {
    str: "a string",
    bool: "true or false",
    int: "an integer",
    float: "a number",
    tuple: "a list",
    dict: "a table",
    type(None): "nothing",
}


def unknown(what: str, name: object, known: Iterable[str]) -> ValueError:
    """`unknown model 'binaryvit_smal'; did you mean 'binaryvit_small'?`"""
    known = list(known)
    near = get_close_matches(str(name).lower(), known, n=3)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known: {', '.join(known)}"
    return ValueError(f"unknown {what} {name!r}; {hint}")


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        ValueError: there is no such file, or it is no TOML; says where.
    """
    if not path.is_file():
        raise ValueError(f"no file at {path}")
    content = path.read_bytes()
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{path} is not a TOML file: no UTF-8 (at line {line})") from None
    except tomllib.TOMLDecodeError as error:  # says at which line
        raise ValueError(f"{path} is not a TOML file: {error}") from None


def from_table(kind: type[T], table: Mapping[str, Any], where: str = "") -> T:
    """A dataclass from a table; fields that are dataclasses are tables within.

    Arguments:
        kind: a dataclass of str, bool, int, float, tuple, dict and dataclass fields, or of
            these or None.
        table: its fields; lists become tuples, integers floats where floats are expected.
        where: path of the table, `optimizer`, for messages.

    Raises:
        ValueError: an unknown field (with the nearest), a missing one, a value of another type,
            or one that the dataclass refuses; says which.
    """
    types_ = typing.get_type_hints(kind)
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    for name in table:
        if name not in known:
            raise unknown("field", f"{where}.{name}".lstrip("."), _full(where, known))
    for field in fields(kind):  # type: ignore[arg-type]
        required = field.default is MISSING and field.default_factory is MISSING
        if required and field.name not in table:
            raise ValueError(f"expected the field {_full(where, [field.name])[0]!r}; it is missing")
    values = {
        name: _value(types_[name], value, _full(where, [name])[0]) for name, value in table.items()
    }
    try:
        return kind(**values)
    except ValueError as error:
        raise ValueError(f"{where}: {error}" if where else str(error)) from None


def _full(where: str, names: list[str]) -> list[str]:
    return [f"{where}.{name}" if where else name for name in names]


def _value(expected: Any, value: Any, where: str) -> Any:
    choices = typing.get_args(expected) if _is_union(expected) else (expected,)
    if isinstance(value, Mapping):
        for choice in choices:
            if is_dataclass(choice):
                return from_table(typing.cast(type, choice), value, where)
    kinds = [typing.get_origin(choice) or choice for choice in choices]
    literals = [choice for choice in choices if typing.get_origin(choice) is typing.Literal]
    if literals and isinstance(value, str):
        return value  # the dataclass knows which
    if isinstance(value, list) and tuple in kinds:
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)
    if float in kinds and type(value) is int:
        return float(value)
    if type(value) not in kinds:
        words = " or ".join(_WORDS.get(kind, "a table") for kind in kinds if kind is not type(None))
        raise ValueError(f"expected {where} to be {words}; got {value!r}")
    return value


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)
