"""Which of several machines' files a machine gets."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from larq_bvit.bench.remote.fitting import fitting
from larq_bvit.bench.remote.preparer import Preparer
from larq_bvit.bench.remote.programs import Programs
from larq_bvit.bench.remote.tflite_library import FUNCTION
from tests.bench.remote import elf_writer
from tests.bench.remote.test_elf import write_elf

LOADERS = {"android": "/system/bin/linker64", "linux": "/lib/ld-linux-aarch64.so.1"}
LIBRARIES = {"android": b"\0libc.so\0", "linux": b"\0libc.so.6\0"}


def machine(system: str) -> SimpleNamespace:
    abis = ("arm64-v8a", "aarch64") if system == "android" else ("aarch64",)
    return SimpleNamespace(abis=abis, android=system == "android", name=system)


@pytest.mark.parametrize("order", [("android", "linux"), ("linux", "android")])
@pytest.mark.parametrize("system", ["android", "linux"])
def test_of_two_systems_on_one_kind_of_processor_each_gets_its_own(
    tmp_path: Path, system: str, order: tuple[str, ...]
) -> None:
    programs = [write_elf(tmp_path / name, elf_writer.AARCH64, LOADERS[name]) for name in order]
    assert fitting(programs, machine(system)) == tmp_path / system
    libraries = []
    for name in order:
        libraries.append(tmp_path / f"{name}.so")
        content = elf_writer.library(elf_writer.AARCH64, [FUNCTION]) + LIBRARIES[name]
        libraries[-1].write_bytes(content)
    site = SimpleNamespace(device=machine(system))
    preparer = Preparer(site, Programs(libraries=tuple(libraries)), [])
    assert preparer._library() == tmp_path / f"{system}.so"
