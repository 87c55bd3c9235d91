"""`larq-bvit pack`; what it does is tested with `cards.pack`."""

import os
from pathlib import Path

import pytest

from larq_bvit import cards

pytest.importorskip("matplotlib")


def test_options_and_what_is_said_meanwhile(run, monkeypatch, tmp_path, capfd):
    asked = {}

    def pack(folder, out, on_step, **options):
        asked.update(options, folder=folder, out=out)
        on_step("packing")
        os.write(2, b"downloading\n")  # as a progress bar does
        return out / "binaryvit_nano_mine"

    monkeypatch.setattr(cards, "pack", pack)
    given = ["--name", "mine", "--weights-license", "MIT", "--note", "a", "--note", "b"]
    result = run("pack", tmp_path, "--out", tmp_path / "zoo", *given, "--trained-on", "paper")
    assert result.exit_code == 0, result.stderr
    written = tmp_path / "zoo" / "binaryvit_nano_mine"
    words = f"packing\nwrote {written}: its README.md says how to load the weights\n"
    assert result.stdout == words
    assert capfd.readouterr().err.endswith("downloading\n")
    assert asked == {
        "folder": tmp_path,
        "out": tmp_path / "zoo",
        "name": "mine",
        "dataset": None,
        "weights_license": "MIT",
        "notes": ["a", "b"],
        "trained_on": "paper",
        "default": False,
        "architecture_default": False,
    }


def test_no_run(fails, tmp_path):
    assert str(tmp_path) in fails("pack", tmp_path, "--out", Path(tmp_path, "zoo"))[0]
