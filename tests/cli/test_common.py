"""Sizes and files."""

import json
import os

import pytest

from larq_bvit.cli.common import (
    check_output,
    console,
    parse_size,
    print_json,
    read_names,
    write_atomically,
)


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


def test_check_output_in_a_read_only_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(ValueError, match=f"can't write to the folder {tmp_path}"):
        check_output(tmp_path / "x.h5", ".h5")


def test_read_names(tmp_path):
    path = tmp_path / "names.txt"
    path.write_bytes("\ufeffcat [tabby]\n\n dög \n".encode())
    assert read_names(path) == ["cat [tabby]", "dög"]
    path.write_bytes("dög".encode("latin-1"))
    with pytest.raises(ValueError, match="expected names in UTF-8 in .*names.txt; 'utf-8' codec"):
        read_names(path)
    path.write_text("\n \n")
    with pytest.raises(ValueError, match="no class names in .*names.txt"):
        read_names(path)


def test_names_are_no_markup(capsys):
    console().print("cat [tabby]", ":dog:", "[/x]")
    assert capsys.readouterr().out == "cat [tabby] :dog: [/x]\n"


def test_write_atomically(tmp_path):
    path = tmp_path / "x.bin"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]


def test_json_has_no_word_for_nan(capsys):
    print_json({"a": [float("nan"), 1.5], "b": (float("inf"), "x"), "c": None})
    assert json.loads(capsys.readouterr().out) == {"a": [None, 1.5], "b": [None, "x"], "c": None}
