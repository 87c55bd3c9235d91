"""Settings in TOML files, into frozen dataclasses that check themselves."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
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


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of a text.

    Raises:
        ValueError: it is no TOML.
    """
    return tomllib.loads(text)


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
        name: checked(types_[name], value, _full(where, [name])[0]) for name, value in table.items()
    }
    try:
        return kind(**values)
    except ValueError as error:
        raise ValueError(f"{where}: {error}" if where else str(error)) from None


def field_names(kind: type, where: str = "") -> dict[str, bool]:
    """{dotted name: whether it is a table of any names} of a dataclass and those within it."""
    names = {}
    for name, expected in typing.get_type_hints(kind).items():
        path = f"{where}.{name}".lstrip(".")
        choices = typing.get_args(expected) if _is_union(expected) else (expected,)
        names[path] = any((typing.get_origin(choice) or choice) is dict for choice in choices)
        for choice in choices:
            if is_dataclass(choice):
                names |= field_names(typing.cast(type, choice), path)
    return names


def _full(where: str, names: list[str]) -> list[str]:
    return [f"{where}.{name}" if where else name for name in names]


def checked(expected: Any, value: Any, where: str) -> Any:
    """A value of the annotated type `expected`, converted as `from_table` does.

    Raises:
        ValueError: it is of another type; `where` is its name.
    """
    choices = typing.get_args(expected) if _is_union(expected) else (expected,)
    kinds = [typing.get_origin(choice) or choice for choice in choices]
    for kind, choice in zip(kinds, choices, strict=True):
        if is_dataclass(choice) and isinstance(value, Mapping):
            return from_table(typing.cast(type, choice), value, where)
        if kind is tuple and isinstance(value, list | tuple):
            return _items(typing.get_args(choice), value, where)
    if typing.Literal in kinds and isinstance(value, str):
        return value  # the dataclass knows which
    if float in kinds and type(value) is int:
        try:
            return float(value)
        except OverflowError:
            raise ValueError(f"expected {where} to be a number; got one too large") from None
    if type(value) not in kinds:
        words = [_word(kind) for kind in kinds if kind is not type(None)]
        raise ValueError(f"expected {where} to be {' or '.join(words)}; got {value!r}")
    return value


def _items(expected: tuple[Any, ...], values: Sequence[Any], where: str) -> tuple[Any, ...]:
    """A list's items, of `int, ...` or `float, float`; any without a type."""
    if not expected:
        return tuple(tuple(item) if isinstance(item, list) else item for item in values)
    if expected[-1] is Ellipsis:
        expected = expected[:1] * len(values)
    if len(expected) != len(values):
        raise ValueError(f"expected {where} to have {len(expected)} items; got {list(values)!r}")
    pairs = zip(expected, values, strict=True)
    return tuple(checked(kind, item, f"{where}[{i}]") for i, (kind, item) in enumerate(pairs))


def _word(kind: Any) -> str:
    return "a string" if kind is typing.Literal else _WORDS.get(kind, "a table")


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)
