"""Which of the user's programs are for this machine."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from larq_bvit.bench.remote.programs import Programs, fits_here
from larq_bvit.bench.remote.tflite_library import FUNCTION
from tests.bench.remote import elf_writer
from tests.bench.remote.test_elf import write_elf
from tests.bench.remote.test_tflite_library import archive

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() not in ("x86_64", "aarch64"),
    reason="Linux on x86-64 and aarch64",
)

_HERE, _OTHER = elf_writer.X86_64, elf_writer.AARCH64
_ABI, _OTHER_ABI = "x86_64", "arm64-v8a"
if platform.machine() == "aarch64":
    _HERE, _OTHER, _ABI, _OTHER_ABI = _OTHER, _HERE, _OTHER_ABI, _ABI


def _library(machine: int, needed: bytes = b"") -> bytes:
    return elf_writer.library(machine, [FUNCTION]) + needed


@pytest.mark.parametrize(
    ("machine", "loader", "fits"),
    [
        (_HERE, "/lib64/ld-linux-x86-64.so.2", True),
        (_HERE, "", True),  # linked statically
        (_HERE, "/system/bin/linker64", False),
        (_OTHER, "/lib64/ld-linux-x86-64.so.2", False),
        (_OTHER, "", False),
    ],
)
def test_binaries(tmp_path: Path, machine: int, loader: str, fits: bool) -> None:
    path = write_elf(tmp_path / "benchmark_model", machine, loader)
    assert fits_here(Programs((path,))) is fits


@pytest.mark.parametrize(
    ("content", "fits"),
    [
        (_library(_HERE), True),
        (_library(_HERE, b"\0libc.so.6\0"), True),
        (_library(_HERE, b"\0libc.so\0"), False),  # Android's
        (_library(_OTHER), False),
    ],
)
def test_libraries(tmp_path: Path, content: bytes, fits: bool) -> None:
    path = tmp_path / "libtensorflowlite_c.so"
    path.write_bytes(content)
    assert fits_here(Programs(libraries=(path,))) is fits


def test_archives_by_what_is_in_them(tmp_path: Path) -> None:
    def aar(name: str, **libraries: bytes) -> Programs:
        files = {f"jni/{abi.replace('__', '-')}/lib.so": c for abi, c in libraries.items()}
        return Programs(libraries=(archive(tmp_path / name, files),))

    here, other = _ABI.replace("-", "__"), _OTHER_ABI.replace("-", "__")
    assert fits_here(aar("a.aar", **{here: _library(_HERE), other: _library(_OTHER)}))
    assert not fits_here(aar("b.aar", **{other: _library(_OTHER)}))
    # as TensorFlow Lite's: for this processor, but for Android
    assert not fits_here(aar("c.aar", **{here: _library(_HERE, b"\0libc.so\0")}))


def test_one_that_fits_is_enough(tmp_path: Path) -> None:
    other, script = write_elf(tmp_path / "b", _OTHER), tmp_path / "script"
    script.write_text("#!/bin/sh\n" * 20)
    assert not fits_here(Programs()) and not fits_here(Programs((other,)))
    assert fits_here(Programs((other, script)))


def test_runners_and_delegates_alone_run_nothing(tmp_path: Path) -> None:
    here = write_elf(tmp_path / "r", _HERE)
    assert not fits_here(Programs(runners=(here,), delegates=(here,)))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    none = tmp_path / "none"
    assert not fits_here(Programs((none,), (none,)))
