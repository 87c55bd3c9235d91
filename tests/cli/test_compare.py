"""`larq-bvit compare`."""

import pytest

from larq_bvit.train.run_summary import summarise
from tests.train.run_folders import write_run

pytest.importorskip("matplotlib")


@pytest.fixture
def runs(tmp_path):
    """One that has ended with 25%, and one that goes on with 50%."""
    ended = write_run(tmp_path / "a", ["name=ended"], right=20)
    return ended, write_run(tmp_path / "b", ["name=[b]all[/b]"])


def test_table(run, runs, tmp_path):
    result = run("compare", *runs, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    shown = [" ".join(line.split()) for line in lines[:3]]
    assert shown[0] == "Run Epochs Best Top-1 (95% interval) Top-5 Time Images/s"
    assert shown[1] == "[b]all[/b] 3 of 3 2 50.00% * 75.00% 0:50 200.0"
    assert shown[2] == "ended 3 of 3 2 25.00% (16.81 to 35.48) 95.00% 0:50 200.0"
    page = tmp_path / "out" / "comparison.md"
    assert lines[3:] == [
        "* highest val_accuracy so far: there is no final evaluation",
        f"wrote {page}",
    ]
    assert page.is_file() and page.with_name("comparison.png").is_file()


def test_json_and_the_folder_without_out(run_json, runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended, going_on = runs
    unknown = {"against_first": None}
    wanted = [{**summarise(run).as_dict(), **unknown} for run in (going_on, ended)]
    assert run_json("compare", *runs) == wanted
    assert (tmp_path / "comparison" / "comparison.md").is_file()


def test_differences_on_the_same_images(run, run_json, tmp_path):
    runs = [
        write_run(tmp_path / name, [f"name={name}"], right=n) for name, n in (("a", 20), ("b", 24))
    ]
    table = run("compare", *runs, "--out", tmp_path / "out").stdout.splitlines()
    assert "Against the first" in table[0]
    assert "-5.00 (-10.12 to +0.36)" in table[2] and " (-" not in table[1]
    first, second = run_json("compare", *runs, "--out", tmp_path / "out")
    assert first["against_first"] is None
    assert second["against_first"]["value"] == -0.05


def test_errors(fails, runs, tmp_path):
    out = tmp_path / "out"
    (line,) = fails("compare", runs[0], "--out", out)
    assert line == "expected at least two runs to compare; got 1"
    (line,) = fails("compare", *runs, tmp_path, "--out", out)
    assert line == f"expected the folder of a run; {tmp_path} has no recipe.toml"
    assert not out.exists()
