"""Settings from TOML: into dataclasses, and what is said of those that do not fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from larq_bvit._toml import checked, field_names, from_table, read_toml, unknown


@dataclass(frozen=True)
class Inner:
    rate: float = 0.5
    span: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self):
        if self.rate > 1:
            raise ValueError(f"rate of at most 1; got {self.rate}")


@dataclass(frozen=True)
class Outer:
    name: str
    kind: Literal["a", "b"] = "a"
    count: int | None = None
    flag: bool = False
    sizes: tuple[int, ...] = ()
    anything: tuple = ()
    inner: Inner = Inner()
    maybe: Inner | None = None
    options: dict[str, Any] = field(default_factory=dict)


def test_all_kinds_of_fields():
    table = {
        "name": "x",
        "kind": "b",
        "count": 3,
        "flag": True,
        "sizes": [1, 2, 3],
        "anything": ["a", [1, 2]],
        "inner": {"rate": 1, "span": [0, 0.25]},
        "maybe": {},
        "options": {"deep": {"er": [1]}},
    }
    outer = from_table(Outer, table)
    assert outer == Outer(
        name="x",
        kind="b",
        count=3,
        flag=True,
        sizes=(1, 2, 3),
        anything=("a", (1, 2)),
        inner=Inner(1.0, (0.0, 0.25)),
        maybe=Inner(),
        options={"deep": {"er": [1]}},
    )
    assert type(outer.inner.rate) is float and type(outer.inner.span[0]) is float


def test_tuples_are_lists():
    assert from_table(Outer, {"name": "x", "sizes": (1, 2)}).sizes == (1, 2)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "expected the field 'name'; it is missing"),
        ({"name": "x", "cuont": 1}, "unknown field 'cuont'; did you mean 'count'?"),
        (
            {"name": "x", "inner": {"rat": 1}},
            "unknown field 'inner.rat'; did you mean 'inner.rate' or 'inner.span'?",
        ),
        ({"name": 7}, "expected name to be a string; got 7"),
        ({"name": "x", "kind": 1}, "expected kind to be a string; got 1"),
        ({"name": "x", "count": True}, "expected count to be an integer; got True"),
        ({"name": "x", "count": 1.0}, "expected count to be an integer; got 1.0"),
        ({"name": "x", "flag": 1}, "expected flag to be true or false; got 1"),
        ({"name": "x", "sizes": 3}, "expected sizes to be a list; got 3"),
        ({"name": "x", "sizes": [1, "b"]}, "expected sizes[1] to be an integer; got 'b'"),
        ({"name": "x", "inner": 3}, "expected inner to be a table; got 3"),
        ({"name": "x", "maybe": "y"}, "expected maybe to be a table; got 'y'"),
        ({"name": "x", "options": [1]}, "expected options to be a table; got [1]"),
        (
            {"name": "x", "inner": {"rate": "fast"}},
            "expected inner.rate to be a number; got 'fast'",
        ),
        (
            {"name": "x", "inner": {"span": [1]}},
            "expected inner.span to have 2 items; got [1]",
        ),
        (
            {"name": "x", "inner": {"span": [1, True]}},
            "expected inner.span[1] to be a number; got True",
        ),
        ({"name": "x", "inner": {"rate": 2}}, "inner: rate of at most 1; got 2.0"),
    ],
)
def test_refused(table, message):
    with pytest.raises(ValueError) as error:
        from_table(Outer, table)
    assert str(error.value) == message


def test_where_stands_before_names():
    with pytest.raises(ValueError, match="^expected plan.name to be a string; got 1$"):
        from_table(Outer, {"name": 1}, "plan")


def test_checked():
    assert checked(float, 1, "x") == 1.0 and checked(bool, False, "x") is False
    with pytest.raises(ValueError, match="^expected drop to be a number; got 'a'$"):
        checked(float, "a", "drop")


def test_an_integer_that_no_float_holds():
    assert checked(float, 10**300, "drop") == 1e300
    with pytest.raises(ValueError, match="^expected drop to be a number; got one too large$"):
        checked(float, 10**400, "drop")


def test_field_names():
    names = field_names(Outer)
    assert {"name", "inner", "inner.rate", "maybe.span", "options"} <= set(names)
    assert [name for name, free in names.items() if free] == ["options"]


def test_unknown():
    assert str(unknown("model", "Binry", ["binary", "other"])) == (
        "unknown model 'Binry'; did you mean 'binary'?"
    )
    assert str(unknown("model", "zzz", ["a", "b"])) == "unknown model 'zzz'; known: a, b"


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a = 1\nb =\nc = 2", "line 2"), (b"a = 1\n# \xff", r"no UTF-8 \(at line 2\)")],
)
def test_no_toml(tmp_path, content, message):
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"is not a TOML file: .*{message}"):
        read_toml(path)


def test_read_toml(tmp_path):
    path = tmp_path / "x.toml"
    with pytest.raises(ValueError, match="no file at "):
        read_toml(path)
    path.write_text('[a]\nb = "é"', encoding="utf-8")
    assert read_toml(path) == {"a": {"b": "é"}}
