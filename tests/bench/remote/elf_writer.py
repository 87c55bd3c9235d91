"""Small ELF libraries, as far as readers of headers and symbols look."""

import struct

X86_64, ARM, AARCH64 = 62, 40, 183


def library(machine: int = AARCH64, defined=(), needed=(), *, wide=True, order="<") -> bytes:
    """One that shows the names `defined` and asks others for the names `needed`."""
    names = [*needed, *defined]
    strings = b"\0" + b"".join(name.encode() + b"\0" for name in names)
    rows = [symbol(0, 0, 0, wide, order)]
    for name in names:
        start = strings.index(b"\0" + name.encode() + b"\0") + 1
        rows.append(symbol(start, 1 << 4 | 2, int(name in defined), wide, order))
    symbols = b"".join(rows)
    head = 64 if wide else 52
    sections = [(0, 0, 0, 0), (3, head, len(strings), 0)]  # a string table
    sections.append((11, head + len(strings), len(symbols), 1))
    table = head + len(strings) + len(symbols)
    form = order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII")
    rows = [struct.pack(form, 0, t, 0, 0, at, n, link, 0, 1, 0) for t, at, n, link in sections]
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    fields = (3, machine, 1, 0, 0, table, 0, head, 0, 0, struct.calcsize(form), len(rows), 0)
    header = ident + struct.pack(order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"), *fields)
    assert len(header) == head
    return header + strings + symbols + b"".join(rows)


def symbol(name: int, info: int, section: int, wide: bool, order: str) -> bytes:
    if wide:
        return struct.pack(order + "IBBHQQ", name, info, 0, section, 0, 0)
    return struct.pack(order + "IIIBBH", name, 0, 0, info, 0, section)
