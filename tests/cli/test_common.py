"""Sizes and files."""

from pathlib import Path

import pytest

from larq_bvit.cli.common import check_output, parse_size, write_atomically


@pytest.mark.parametrize(
    ("text", "size"), [("224", (224, 224)), ("64x96", (64, 96)), (" 32X64 ", (32, 64))]
)
def test_parse_size(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "x", "0", "0x32", "-32", "64x", "1x2x3", "big", "6.4"])
def test_parse_size_explains(text):
    with pytest.raises(ValueError, match="such as 224, or 64x96 .height x width.; got"):
        parse_size(text)


def test_check_output(tmp_path):
    check_output(tmp_path / "x.h5", ".h5")
    with pytest.raises(ValueError, match="must end in .h5; got 'x.hdf'"):
        check_output(tmp_path / "x.hdf", ".h5")
    with pytest.raises(ValueError, match="no such folder"):
        check_output(tmp_path / "no" / "x.h5", ".h5")


def test_write_atomically(tmp_path, monkeypatch):
    path = tmp_path / "x.bin"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"

    def full_disk(self, content):
        self.touch()
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"newer")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]
