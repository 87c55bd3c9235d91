"""Runs side by side."""

import pytest
from PIL import Image

from larq_bvit.train.comparison import compare, read_runs
from tests.train.run_folders import RECIPE, write_run

pytest.importorskip("matplotlib")


def files(folder):
    """{path: content} of all that is in a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_writes_a_page_and_a_picture_alone(tmp_path):
    runs = [write_run(tmp_path / "runs" / name, right=n) for name, n in (("a", 40), ("b", 60))]
    before = files(tmp_path)
    page = compare(runs, tmp_path / "new" / "folder")
    assert page == tmp_path / "new" / "folder" / "comparison.md"
    assert "(comparison.png)" in page.read_text()
    assert min(Image.open(page.with_name("comparison.png")).size) > 500
    after = files(tmp_path)
    assert after.keys() - before.keys() == {page, page.with_name("comparison.png")}
    assert {path: after[path] for path in before} == before
    assert compare([str(run) for run in runs], str(page.parent)) == page
    assert files(tmp_path) == after


def test_the_highest_is_first_and_unknown_is_last(tmp_path):
    low = write_run(tmp_path / "low", right=20)
    going_on = write_run(tmp_path / "going_on", ["epochs=9"])  # 0.5 at its best
    high = write_run(tmp_path / "high", right=60)
    unknown = write_run(tmp_path / "unknown")
    (unknown / "history.csv").write_text("epoch,loss\n1,0.1\n")
    runs = read_runs([unknown, low, going_on, high])
    assert [run.name for run in runs] == ["high", "going_on", "low", "unknown"]
    assert [run.top_1 for run in runs] == [0.75, 0.5, 0.25, None]


def test_every_run_has_a_name_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    changes = {"a": [], "b": ["name=own"], "c": ["name=same"], "x/c": ["name=same"]}
    for path, change in changes.items():
        write_run(tmp_path / path, change)
    names = {str(run.folder): run.name for run in read_runs(list(changes))}
    assert names == {"a": RECIPE, "b": "own", "c": "c", "x/c": "x/c"}
    monkeypatch.chdir(tmp_path / "c")
    assert [run.name for run in read_runs([".", "../a"])] == ["same", RECIPE]
    write_run(tmp_path / "d", ["name=same"])
    assert [run.name for run in read_runs([".", "../d"])] == ["c", "d"]


def test_what_cannot_be_compared(tmp_path):
    a, b = (write_run(tmp_path / name, right=40) for name in "ab")
    file = tmp_path / "file"
    file.touch()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "recipe.toml").write_text("epochs = 3\n")
    before = files(tmp_path)
    for runs, out, message in (
        ([a], "out", "expected at least two runs to compare; got 1"),
        ([a, b, b / ".." / "a"], "out", "expected different runs; .*a is given 2 times"),
        ([a, tmp_path / "none"], "out", r"expected the folder of a run; .*none has no recipe.toml"),
        ([a, tmp_path / "new"], "out", r"no history at .*new.history.csv: has .* first epoch"),
        ([a, b], "file", "expected a folder for the comparison; .*file is a file"),
    ):
        with pytest.raises(ValueError, match=message):
            compare(runs, tmp_path / out)
    assert files(tmp_path) == before and not (tmp_path / "out").exists()
