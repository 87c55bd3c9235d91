"""Pages of experiments say what their runs' folders say."""

from pathlib import Path

import pytest

from larq_bvit.train.comparison import read_runs
from larq_bvit.train.comparison_page import comparison_page
from larq_bvit.train.run_summary import summarise

LADDER = Path(__file__).parents[1] / "docs" / "experiments" / "nano_ladder"


def test_the_comparison_is_that_of_the_runs():
    runs = read_runs(sorted((LADDER / "runs").iterdir()))
    page = (LADDER / "comparison.md").read_text(encoding="utf-8")
    assert page == comparison_page(runs, "comparison.png")


@pytest.mark.parametrize("run", sorted((LADDER / "runs").iterdir()), ids=lambda run: run.name)
def test_the_page_has_every_runs_figure(run):
    summary = summarise(run)
    low, high = summary.evaluation.top_1.interval()
    figure = f"{summary.top_1:.2%} ({100 * low:.2f} to {100 * high:.2f})"
    assert figure in (LADDER / "README.md").read_text(encoding="utf-8")
