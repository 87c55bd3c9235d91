"""Whether a library shows a function to others, by its ELF symbols."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_DYNAMIC_SYMBOLS = 11  # SHT_DYNSYM
_LOCAL = 0  # STB_LOCAL


def exports(library: bytes, name: str) -> bool:
    """Whether a library defines a name for others; not so where it has no table of sections.

    Raises:
        ValueError: it is no ELF file, or a damaged one.
    """
    if library[:4] != b"\x7fELF" or len(library) < 52:
        raise ValueError(f"expected an ELF file; got one that begins with {library[:4]!r}")
    wide, order = library[4] == 2, "<" if library[5] == 1 else ">"
    try:
        return _exports(memoryview(library), name.encode() + b"\0", wide, order)
    except (struct.error, IndexError, OverflowError) as error:
        raise ValueError(f"expected a whole ELF file; {error}") from error


def _exports(library: memoryview, name: bytes, wide: bool, order: str) -> bool:
    sections = list(_sections(library, wide, order))
    # the fields of a symbol stand in another order in files of 32 bits
    symbol = struct.Struct(order + ("IBBHQQ" if wide else "IIIBBH"))
    for kind, offset, size, link in sections:
        if kind != _DYNAMIC_SYMBOLS:
            continue
        strings = bytes(_part(library, *sections[link][1:3]))
        rows = _part(library, offset, size - size % symbol.size)
        for row in symbol.iter_unpack(rows):
            info, section = (row[1], row[3]) if wide else (row[3], row[5])
            # section 0: it is another library's
            if section and info >> 4 != _LOCAL and strings.startswith(name, row[0]):
                return True
    return False


def _sections(library: memoryview, wide: bool, order: str) -> Iterator[tuple[int, int, int, int]]:
    """(type, offset in the file, size, related section) of each."""
    (table,) = struct.unpack_from(order + ("Q" if wide else "I"), library, 40 if wide else 32)
    size, count = struct.unpack_from(order + "HH", library, 58 if wide else 46)
    form = struct.Struct(order + ("IIQQQQI" if wide else "IIIIIII"))
    for index in range(count if table else 0):
        _, kind, _, _, offset, bytes_, link = form.unpack_from(library, table + index * size)
        yield kind, offset, bytes_, link


def _part(library: memoryview, offset: int, size: int) -> memoryview:
    if offset + size > len(library):
        raise IndexError(f"it ends at byte {len(library)}, a table in it at {offset + size}")
    return library[offset : offset + size]
