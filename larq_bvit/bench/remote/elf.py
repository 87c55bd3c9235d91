"""For which machines a program or library is made, by its ELF header."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

# {e_machine: name as of `uname -m`}
_MACHINES = {3: "x86", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
# {name of Android or of `uname -m`: that of an ELF file}
_ABIS = {
    "arm64-v8a": "aarch64",
    "armeabi-v7a": "arm",
    "armeabi": "arm",
    "armv8l": "arm",
    "armv7l": "arm",
    "armv6l": "arm",
    "arm64": "aarch64",
    "amd64": "x86_64",
    "i386": "x86",
    "i686": "x86",
}
_INTERPRETER = 3  # PT_INTERP


@dataclass(frozen=True)
class Elf:
    """An ELF file.

    Attributes:
        machine: "aarch64", "arm", "x86_64", "x86", "riscv64" or "machine N".
        loader: the dynamic loader that a program asks for; empty for a library or a static one.
    """

    machine: str
    loader: str = ""

    @property
    def android(self) -> bool | None:
        """Whether a program is for Android; None where its header does not tell."""
        return self.loader.startswith("/system/") if self.loader else None


def is_for_android(path: Path) -> bool | None:
    """Whether a program or library is, by its loader or by the libc that it needs; None: unknown.

    Raises:
        OSError: the file can't be read.
    """
    elf = read_elf(path)
    if elf is None:
        return None
    if elf.android is not None:
        return elf.android
    content = path.read_bytes()
    if b"\0libc.so.6\0" in content:  # glibc; Android's has no number
        return False
    return True if b"\0libc.so\0" in content else None


def machine_of(abi: str) -> str:
    """The machine of an ELF file for an ABI: "aarch64" for "arm64-v8a"."""
    return _ABIS.get(abi, abi)


def read_elf(path: Path) -> Elf | None:
    """What a file is made for; None for one that is no ELF file, such as a script.

    Raises:
        OSError: the file can't be read.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if len(head) < 64 or head[:4] != b"\x7fELF":
        return None
    wide, order = head[4] == 2, "<" if head[5] == 1 else ">"
    (machine,) = struct.unpack_from(f"{order}H", head, 18)
    name = _MACHINES.get(machine, f"machine {machine}")
    (table,) = struct.unpack_from(f"{order}{'Q' if wide else 'I'}", head, 32 if wide else 28)
    size, count = struct.unpack_from(f"{order}HH", head, 54 if wide else 42)
    for index in range(count):
        at = table + index * size
        row = head[at : at + size]
        if len(row) < (56 if wide else 32):
            break
        if struct.unpack_from(f"{order}I", row)[0] == _INTERPRETER:
            where, length = (8, 32) if wide else (4, 16)
            form = f"{order}{'Q' if wide else 'I'}"
            (offset,) = struct.unpack_from(form, row, where)
            (bytes_,) = struct.unpack_from(form, row, length)
            loader = head[offset : offset + bytes_].rstrip(b"\0").decode(errors="replace")
            return Elf(name, loader)
    return Elf(name)
