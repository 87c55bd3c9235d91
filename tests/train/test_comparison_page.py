"""The page of a comparison."""

from larq_bvit.train.comparison import read_runs
from larq_bvit.train.comparison_page import comparison_page, differing
from tests.train.run_folders import write_run

ENDED = ["name=ended", "description=Labels | teacher", "jit=true", "optimizer.ema=0.5"]
GOING_ON = ["name=going_on", "description=More", "epochs=9", "data.size=[64,64]"]


def test_the_whole_page(tmp_path):
    ended = write_run(tmp_path / "a", ENDED, right=60)
    going_on = write_run(tmp_path / "b", GOING_ON)
    columns = (
        "Run | What | Epochs | Best | Top-1 (95% interval) | Top-5 | 1-bit weights (M) | "
        "MACs (M), 1-bit + float | OPs (M) | Time | Images/s"
    )
    assert comparison_page(read_runs([going_on, ended]), "curves.png") == (
        f"""\
# Comparison of runs

| {columns} |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| ended | Labels \\| teacher | 3 of 3 | 2 | 75.00% (64.52 to 83.19) | 95.00% | 1.23 | 29.0 + 2.0 | \
2.41 | 0:50 | 200.0 |
| going_on | More | 3 of 9 | 2 | 50.00% * | 75.00% | | | | 0:50 | 200.0 |

\\* highest val_accuracy so far: there is no final evaluation.
95% intervals (Wilson) are of the share on all such images, and say nothing of another seed.
Best is the best epoch, time is hours and minutes with evaluation, images/s are of training alone.
OPs are 1-bit MACs / 64 + float MACs (Liu et al. 2018, Bi-Real Net).

## What differs in the recipes

| Field | ended | going_on |
| --- | --- | --- |
| `epochs` | 3 | 9 |
| `jit` | true | false |
| `data.size` | [32, 32] | [64, 64] |
| `optimizer.ema` | 0.5 | 0.0 |

## Accuracy

![Accuracy by epoch, a line for every run](curves.png)
"""
    )


def test_notes_are_of_what_is_there(tmp_path):
    paths = [write_run(tmp_path / name, right=40) for name in "ab"]
    page = comparison_page(read_runs(paths), "curves.png")
    assert "## What differs in the recipes\n\nNothing.\n" in page
    assert "*" not in page and "(Wilson)" in page
    for path in paths:
        (path / "evaluation.json").unlink()
    page = comparison_page(read_runs(paths), "curves.png")
    assert "\\* highest" in page and "(Wilson)" not in page


def test_long_runs_and_missing_figures(tmp_path):
    paths = [write_run(tmp_path / name) for name in "ab"]
    (paths[0] / "history.csv").write_text("epoch,seconds,loss\n1,36000,1.0\n2,3570,1.0\n")
    (paths[1] / "history.csv").write_text("epoch,loss\n1,1.0\n")
    lines = comparison_page(read_runs(paths), "curves.png").splitlines()
    assert [line.split(" | ", 2)[2] for line in lines if "CIFAR" in line] == [
        "2 of 3 | 1 | | | | | | 11:00 | |",
        "1 of 3 | 1 | | | | | | | |",
    ]


def test_a_field_that_one_recipe_lacks(tmp_path):
    teacher = ["distillation.teacher=deit_small", "distillation.weights=none"]
    teacher += ["distillation.hard=0.5"]
    paths = [
        write_run(tmp_path / name, changes, right=n)
        for name, changes, n in (("a", [], 60), ("b", teacher, 40), ("c", ["seed=1"], 20))
    ]
    fields = differing(read_runs(paths))
    assert fields["distillation.teacher"] == [None, "deit_small", None]
    assert fields["distillation.hard"] == [None, 0.5, None]
    assert fields["seed"] == [0, 0, 1]
    assert all(name == "seed" or name.startswith("distillation.") for name in fields)
    page = comparison_page(read_runs(paths), "curves.png")
    assert "| `distillation.teacher` | | deit_small | |" in page


def test_differences_are_of_the_same_images(tmp_path):
    paths = [
        write_run(tmp_path / name, [f"name={name}", *changes], right=n)
        for name, changes, n in (
            ("first", [], 60),
            ("same", [], 40),
            ("other", ["data.dataset=folder:cats"], 30),
        )
    ]
    page = comparison_page(read_runs(paths), "curves.png")
    rows = [[cell.strip() for cell in line.split("|")] for line in page.splitlines() if "|" in line]
    lines = {cells[1]: cells for cells in reversed(rows)}
    place = lines["Run"].index("Against the first")
    found = [lines[name][place] for name in ("first", "same", "other")]
    assert found == ["", "-25.00 (-33.99 to -14.79)", ""]
    assert "(Agresti and Min 2005)" in page
    page = comparison_page(read_runs(paths[::2]), "curves.png")
    assert "Against" not in page and "Agresti" not in page
