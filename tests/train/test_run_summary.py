"""A run in a few figures."""

from dataclasses import asdict

import pytest

from larq_bvit.train.run_summary import summarise
from larq_bvit.train.share import Share
from tests.train.run_folders import COLUMNS, COST, RECIPE, write_run


def test_a_run_that_has_ended(tmp_path):
    run = summarise(write_run(tmp_path / "a", right=60))
    assert run.as_dict() == {
        "name": RECIPE,
        "folder": str(tmp_path / "a"),
        "description": run.recipe["description"],
        "epochs": 3,
        "planned_epochs": 3,
        "best_epoch": 2,
        "final": True,
        "top_1": 0.75,
        "interval_95": list(Share(60, 80).interval()),
        "top_5": 0.95,
        "seconds": 3007.5,
        "images_per_second": 200.0,
        "cost": asdict(COST),
    }
    assert run.recipe["description"] and run.recipe["optimizer.name"] == "adamw"
    assert run.recipe["data.size"] == [32, 32]


def test_one_that_goes_on_has_the_figures_of_its_best_epoch(tmp_path):
    run = summarise(write_run(tmp_path / "a", ["epochs=9"])).as_dict()
    assert (run["epochs"], run["planned_epochs"], run["best_epoch"]) == (3, 9, 2)
    assert (run["final"], run["top_1"], run["interval_95"]) == (False, 0.5, None)
    assert run["top_5"] == 0.75


def test_figures_that_are_missing(tmp_path):
    folder = write_run(tmp_path / "a")
    (folder / "recipe.toml").write_text("")
    (folder / "history.csv").write_text("epoch,loss,seconds\n1,2.0,\n2,1.0,\n")
    run = summarise(folder).as_dict()
    assert (run["name"], run["description"], run["planned_epochs"]) == ("a", "", None)
    assert (run["epochs"], run["best_epoch"]) == (2, 2)
    names = ("top_1", "top_5", "interval_95", "seconds", "images_per_second", "cost")
    assert [run[name] for name in names] == [None] * 6


def test_what_is_no_run_yet(tmp_path):
    with pytest.raises(ValueError, match=r"expected the folder of a run; .*none has no recipe"):
        summarise(tmp_path / "none")
    folder = write_run(tmp_path / "a")
    (folder / "history.csv").write_text(COLUMNS)
    with pytest.raises(ValueError, match=r"a.history\.csv is empty"):
        summarise(folder)
    (folder / "history.csv").unlink()
    with pytest.raises(ValueError, match=r"no history at .*history\.csv: has .* first epoch"):
        summarise(folder)
