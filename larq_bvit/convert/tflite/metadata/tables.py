"""Tables of any flatbuffer, written and read by field number."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np

# {field: a string, an enum's number, a table, a sequence of floats or of tables, or None}
Fields = Mapping[int, Any]


def pack_tables(root: Fields, identifier: bytes) -> bytes:
    """A flatbuffer of nested tables; None, empty strings and empty sequences are left out."""
    builder = flatbuffers.Builder()
    builder.Finish(_write_table(builder, root), identifier)
    return bytes(builder.Output())


def _write_table(builder: flatbuffers.Builder, table: Fields) -> int:
    """Where the table starts; what it refers to is written before it."""
    kept = {field: value for field, value in table.items() if value not in (None, "", (), [])}
    places = {f: _write(builder, v) for f, v in kept.items() if not isinstance(v, int)}
    builder.StartObject(max(kept, default=-1) + 1)
    for field, value in kept.items():
        if field in places:
            builder.PrependUOffsetTRelativeSlot(field, places[field], 0)
        else:
            builder.PrependInt8Slot(field, value, 0)
    return builder.EndObject()


def _write(builder: flatbuffers.Builder, value: Any) -> int:
    if isinstance(value, str):
        return builder.CreateString(value)
    if isinstance(value, Mapping):
        return _write_table(builder, value)
    if not isinstance(value[0], Mapping):
        return builder.CreateNumpyVector(np.array(value, np.float32))
    places = [_write_table(builder, table) for table in value]
    builder.StartVector(4, len(places), 4)
    for place in reversed(places):
        builder.PrependUOffsetTRelative(place)
    return builder.EndVector()


@dataclass(frozen=True)
class Table:
    """A table at a byte of a flatbuffer; what was left out reads as empty or 0.

    Unlike the flatbuffers package, every method raises ValueError where the bytes are damaged.
    """

    data: bytes
    start: int

    @classmethod
    def root(cls, data: bytes, identifier: bytes) -> Table:
        """The outermost table of a flatbuffer."""
        if data[4:8] != identifier:
            raise ValueError(f"expected a flatbuffer {identifier!r}; got bytes {data[:8]!r}")
        return cls(data, _number(data, "<I", 0))

    def byte(self, field: int) -> int:
        """An enum's number, or a union's type."""
        place = self._place(field)
        return _number(self.data, "<b", place) if place else 0

    def string(self, field: int) -> str:
        """A string."""
        return self._vector(field, 1).decode()

    def floats(self, field: int) -> tuple[float, ...]:
        """A vector of float32."""
        return tuple(x for (x,) in struct.iter_unpack("<f", self._vector(field, 4)))

    def table(self, field: int) -> Table:
        """A table within."""
        place = self._target(field)
        return Table(self.data, place) if place else EMPTY

    def tables(self, field: int) -> list[Table]:
        """A vector of tables."""
        first = self._target(field) + 4  # after the vector's length; offsets count from themselves
        offsets = struct.iter_unpack("<I", self._vector(field, 4))
        return [Table(self.data, first + 4 * i + offset) for i, (offset,) in enumerate(offsets)]

    def _place(self, field: int) -> int:
        """Where the value of a field is, or 0."""
        fields = self.start - _number(self.data, "<i", self.start)
        entry = 4 + 2 * field  # after the sizes of this list of fields and of the table
        if entry >= _number(self.data, "<H", fields):
            return 0  # the writer's schema was older, or it left out the last fields
        offset = _number(self.data, "<H", fields + entry)
        return self.start + offset if offset else 0

    def _target(self, field: int) -> int:
        """Where the string, vector or table is that a field refers to, or 0."""
        place = self._place(field)
        return place + _number(self.data, "<I", place) if place else 0

    def _vector(self, field: int, size: int) -> bytes:
        """The elements, each of `size` bytes, behind their number."""
        start = self._target(field)
        if not start:
            return b""
        end = start + 4 + size * _number(self.data, "<I", start)
        if end > len(self.data):
            raise ValueError(f"expected a vector up to byte {end}; got {len(self.data)} bytes")
        return self.data[start + 4 : end]


# A list of fields that holds nothing but its own size and the table's, then the table.
EMPTY = Table(struct.pack("<HHi", 4, 4, 4), 4)


def _number(data: bytes, kind: str, start: int) -> int:
    if not 0 <= start <= len(data) - struct.calcsize(kind):
        raise ValueError(f"expected a number at byte {start}; got {len(data)} bytes")
    number: int = struct.unpack_from(kind, data, start)[0]
    return number
