"""Which functions a library shows."""

import contextlib
import itertools

import pytest

from larq_bvit.bench.remote.elf_symbols import exports
from tests.bench.remote import elf_writer


@pytest.mark.parametrize(("wide", "order"), [*itertools.product((True, False), "<>")])
def test_shown_is_what_is_defined_and_not_what_is_needed(wide, order):
    content = elf_writer.library(defined=["one", "two"], needed=["three"], wide=wide, order=order)
    found = [exports(content, name) for name in ("one", "two", "three", "on", "wo", "four", "")]
    assert found == [True, True, False, False, False, False, False]


def test_a_real_library():
    from larq_bvit.runtime import delegate_path

    try:
        content = delegate_path().read_bytes()
    except ImportError as error:
        pytest.skip(str(error))
    assert exports(content, "tflite_plugin_create_delegate")
    assert not exports(content, "malloc") and b"\0malloc\0" in content  # it is libc's


def test_damaged_files_are_refused():
    content = elf_writer.library(defined=["one"])
    for cut in (content[:-30], content[:200], content[:70]):
        with pytest.raises(ValueError, match="expected a whole ELF file"):
            exports(cut, "one")
    for other in (b"", b"\x7fELF", b"PK\3\4" + content):
        with pytest.raises(ValueError, match="expected an ELF file"):
            exports(other, "one")


def test_every_byte_may_be_wrong():
    """Whatever a byte of the file holds: an answer, or a ValueError."""
    content = elf_writer.library(defined=["one"])
    for place in range(4, len(content)):
        for value in (0, 0x7F, 0xFF):
            damaged = content[:place] + bytes([value]) + content[place + 1 :]
            with contextlib.suppress(ValueError):
                assert exports(damaged, "one") in (True, False)
