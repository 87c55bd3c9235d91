"""Where an inference spends its time."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from larq_bvit.runtime.library import function, pointer_of

_REST = "not in the delegate"


@dataclass(frozen=True)
class ProfileRow:
    """A step of the plan: an operator, or several fused into one.

    Attributes:
        name: what it computes.
        kind: of what sort it is, such as "binary product".
        milliseconds: on average over the runs.
    """

    name: str
    kind: str
    milliseconds: float


@dataclass(frozen=True)
class Profile:
    """Times of an inference.

    Attributes:
        rows: in order of execution; the last is what the runtime spends outside of the delegate.
        milliseconds: a whole inference, on average over the runs.
        runs: how many there were, of one batch each.
    """

    rows: tuple[ProfileRow, ...]
    milliseconds: float
    runs: int

    def by_kind(self) -> dict[str, float]:
        """{kind: milliseconds}, the slowest first."""
        sums: dict[str, float] = {}
        for row in self.rows:
            sums[row.kind] = sums.get(row.kind, 0.0) + row.milliseconds
        return dict(sorted(sums.items(), key=lambda item: -item[1]))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "by_kind": self.by_kind()}

    def __str__(self) -> str:
        whole = self.milliseconds or 1.0
        table = [("ms", "share", "step"), *(_cells(row, whole) for row in self.rows)]
        table.append((f"{self.milliseconds:.3f}", "", f"all, mean of {self.runs} runs"))
        return "\n".join(f"{ms:>9}  {share:>6}  {step}" for ms, share, step in table)


def _cells(row: ProfileRow, whole: float) -> tuple[str, str, str]:
    ms = row.milliseconds
    return f"{ms:.3f}", f"{ms / whole:.1%}", f"{row.kind}: {row.name}" if row.name else row.kind


Counters = list[dict[str, Any]]  # name, kind, nanoseconds since the delegate was made


def counter_reader() -> Callable[[Any], Counters]:
    """What reads the counters of a delegate that has the option `profile`.

    `size_t larq_bvit_profile_json(delegate, char* text, size_t room)` of the library writes them
    as JSON, and returns their length, as snprintf does.

    Raises:
        ImportError: the library has no such function.
    """
    arguments = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
    write = function("larq_bvit_profile_json", ctypes.c_size_t, *arguments)

    def read(delegate: Any) -> Counters:
        pointer = pointer_of(delegate)
        text = ctypes.create_string_buffer(write(pointer, None, 0) + 1)
        write(pointer, text, len(text))
        return json.loads(text.value)

    return read


def difference(before: Counters, after: Counters, seconds: Sequence[float]) -> Profile:
    """The profile of the runs between two readings, which took these seconds each."""
    runs = len(seconds)
    rows = [
        ProfileRow(new["name"], new["kind"], (new["nanoseconds"] - old["nanoseconds"]) / 1e6 / runs)
        for old, new in zip(before, after, strict=True)
    ]
    whole = 1e3 * sum(seconds) / runs
    rest = whole - sum(row.milliseconds for row in rows)
    return Profile((*rows, ProfileRow("", _REST, rest)), whole, runs)
