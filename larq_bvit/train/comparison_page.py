"""The page of a comparison of runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from larq_bvit._markdown import table
from larq_bvit.train.paired import PAIRED
from larq_bvit.train.run_summary import RunSummary
from larq_bvit.train.share import INTERVAL

NOT_FINAL = "* highest val_accuracy so far: there is no final evaluation"
_DIFFERENCE = "Against the first"
_LEFT_OUT = ("name", "description")


def comparison_page(runs: Sequence[RunSummary], picture: str) -> str:
    """Markdown: a line for every run, in their order, and what differs in their recipes.

    Arguments:
        runs: at least one, with different names.
        picture: file of the curves, beside the page.
    """
    rows = figures(runs)
    parts = [
        "# Comparison of runs",
        table([list(row.values()) for row in rows], list(rows[0]), right=2),
        _notes(runs),
        "## What differs in the recipes",
        _differences(runs),
        "## Accuracy",
        f"![Accuracy by epoch, a line for every run]({picture})",
    ]
    return "\n\n".join(parts) + "\n"


def figures(runs: Sequence[RunSummary]) -> list[dict[str, str]]:
    """{heading: text} of every run's line in the table; of differences if there are any."""
    rows = [_figures(run, runs[0]) for run in runs]
    if not any(row[_DIFFERENCE] for row in rows):
        for row in rows:
            del row[_DIFFERENCE]
    return rows


def _figures(run: RunSummary, first: RunSummary) -> dict[str, str]:
    row = run.as_dict()
    top_1 = "" if run.top_1 is None else f"{run.top_1:.2%} *"
    if run.evaluation is not None:
        low, high = run.evaluation.top_1.interval()
        top_1 = f"{run.top_1:.2%} ({100 * low:.2f} to {100 * high:.2f})"
    binary = macs = ops = ""
    if run.cost is not None:
        binary = f"{run.cost.binary_parameters / 1e6:.2f}"
        macs = f"{run.cost.binary_macs / 1e6:.1f} + {run.cost.float_macs / 1e6:.1f}"
        ops = f"{run.cost.ops / 1e6:.2f}"
    return {
        "Run": run.name,
        "What": row["description"],
        "Epochs": f"{run.epochs} of {row['planned_epochs'] or '?'}",
        "Best": str(run.best_epoch),
        "Top-1 (95% interval)": top_1,
        _DIFFERENCE: "" if run is first else str(run.difference_to(first) or ""),
        "Top-5": "" if run.top_5 is None else f"{run.top_5:.2%}",
        "1-bit weights (M)": binary,
        "MACs (M), 1-bit + float": macs,
        "OPs (M)": ops,
        "Time": "" if run.seconds is None else _hours(run.seconds),
        "Images/s": "" if run.images_per_second is None else f"{run.images_per_second:,.1f}",
    }


def differing(runs: Iterable[RunSummary]) -> dict[str, list[Any]]:
    """{dotted field: its value in every run} of the recipes, where they are not all the same.

    A field that a recipe lacks is None. Name and description are left out.
    """
    recipes = [run.recipe for run in runs]
    fields = dict.fromkeys(field for recipe in recipes for field in recipe)
    values = {field: [recipe.get(field) for recipe in recipes] for field in fields}
    return {
        field: of_runs
        for field, of_runs in values.items()
        if field not in _LEFT_OUT and any(value != of_runs[0] for value in of_runs)
    }


def _notes(runs: Sequence[RunSummary]) -> str:
    lines = []
    if any(run.evaluation is None and run.top_1 is not None for run in runs):
        lines.append(f"\\{NOT_FINAL}.")
    if any(run.evaluation for run in runs):
        lines.append(INTERVAL)
    if any(run.difference_to(runs[0]) for run in runs[1:]):
        lines.append(PAIRED)
    lines.append(
        "Best is the best epoch, time is hours and minutes with evaluation, images/s are of "
        "training alone."
    )
    if any(run.cost for run in runs):
        lines.append("OPs are 1-bit MACs / 64 + float MACs (Liu et al. 2018, Bi-Real Net).")
    return "\n".join(lines)


def _differences(runs: Sequence[RunSummary]) -> str:
    fields = differing(runs)
    if not fields:
        return "Nothing."
    rows = [[f"`{field}`", *map(_shown, values)] for field, values in fields.items()]
    return table(rows, ["Field", *(run.name for run in runs)], right=len(runs) + 1)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _hours(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours}:{minutes:02}"
