"""What ELF files are made for."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from larq_bvit.bench.remote.elf import Elf, is_for_android, machine_of, read_elf


def write_elf(
    path: Path, machine: int, loader: str = "", *, wide: bool = True, big: bool = False
) -> Path:
    """A file with a header and, with a loader, a program header."""
    order = ">" if big else "<"
    ident = b"\x7fELF" + bytes([2 if wide else 1, 2 if big else 1, 1]) + bytes(9)
    count, text = bool(loader), loader.encode() + b"\0"
    if wide:
        head = struct.pack(
            f"{order}HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 2 * count, 0, 0, 0
        )
        load = struct.pack(f"{order}IIQQQQQQ", 1, 0, 0, 0, 0, 0, 0, 0)
        row = struct.pack(f"{order}IIQQQQQQ", 3, 0, 200, 0, 0, len(text), 0, 0)
    else:
        head = struct.pack(
            f"{order}HHIIIIIHHHHHH", 3, machine, 1, 0, 52, 0, 0, 52, 32, 2 * count, 0, 0, 0
        )
        load = struct.pack(f"{order}IIIIIIII", 1, 0, 0, 0, 0, 0, 0, 0)
        row = struct.pack(f"{order}IIIIIIII", 3, 200, 0, 0, len(text), 0, 0, 0)
    content = ident + head + (load + row if loader else b"")
    path.write_bytes(content.ljust(200, b"\0") + text)
    return path


@pytest.mark.parametrize(
    ("machine", "name", "wide", "big"),
    [
        (183, "aarch64", True, False),
        (40, "arm", False, False),
        (62, "x86_64", True, False),
        (3, "x86", False, False),
        (243, "riscv64", True, False),
        (8, "machine 8", False, True),
    ],
)
def test_machines_and_loaders(
    tmp_path: Path, machine: int, name: str, wide: bool, big: bool
) -> None:
    program = write_elf(tmp_path / "p", machine, "/system/bin/linker64", wide=wide, big=big)
    assert read_elf(program) == Elf(name, "/system/bin/linker64")
    library = write_elf(tmp_path / "l", machine, wide=wide, big=big)
    assert read_elf(library) == Elf(name)


def test_android_is_known_by_its_loader() -> None:
    assert Elf("aarch64", "/system/bin/linker64").android is True
    assert Elf("aarch64", "/lib/ld-linux-aarch64.so.1").android is False
    assert Elf("aarch64").android is None


def test_a_library_is_known_by_its_libc(tmp_path: Path) -> None:
    library = write_elf(tmp_path / "l", 183)
    whole = library.read_bytes()
    assert is_for_android(library) is None
    for names, answer in ((b"\0libm.so\0libc.so\0", True), (b"\0libm.so.6\0libc.so.6\0", False)):
        library.write_bytes(whole + names)
        assert is_for_android(library) is answer
    # a program's loader counts more
    program = write_elf(tmp_path / "p", 183, "/system/bin/linker64")
    program.write_bytes(program.read_bytes() + b"\0libc.so.6\0")
    assert is_for_android(program) is True
    (tmp_path / "x").write_bytes(b"#!/bin/sh\n" * 20)
    assert is_for_android(tmp_path / "x") is None


def test_every_cut_of_a_file_is_read_without_an_error(tmp_path: Path) -> None:
    whole = write_elf(tmp_path / "p", 183, "/lib/x").read_bytes()
    for length in range(len(whole)):
        (tmp_path / "cut").write_bytes(whole[:length])
        elf = read_elf(tmp_path / "cut")
        assert elf is None if length < 64 else elf is not None


def test_scripts_and_pages_are_none(tmp_path: Path) -> None:
    for content in (b"", b"#!/bin/sh\n" * 20, b"<!DOCTYPE html>" * 20):
        (tmp_path / "x").write_bytes(content)
        assert read_elf(tmp_path / "x") is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ELF")
def test_the_running_python_is_one() -> None:
    elf = read_elf(Path(sys.executable).resolve())
    assert elf is not None and elf.loader.startswith("/lib") and elf.android is False


def test_names_of_android_and_of_uname() -> None:
    names = ("arm64-v8a", "armeabi-v7a", "armv7l", "x86_64", "i686", "aarch64", "mips")
    assert list(map(machine_of, names)) == [
        *("aarch64", "arm", "arm", "x86_64", "x86", "aarch64", "mips")
    ]
