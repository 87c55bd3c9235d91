"""What came out of a run, for people: report.md with its curves."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path

from larq_bvit._markdown import table
from larq_bvit.train.curves import curves
from larq_bvit.train.disk import explain_full_disk, write_text
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.run_history import RunHistory
from larq_bvit.train.run_summary import RunSummary, summarise

_PERCENT = ("accuracy", "top_5", "flips", "dead")
_NO_FIGURES = ("epoch", "step", "seconds", "images_per_second")


def report(run_folder: str | Path) -> Path:
    """Writes report.md and curves.png into the folder of a run; returns the report's path.

    It may be of a run that is still going on. Figures of the best epoch are those of the highest
    val_accuracy, see `RunHistory.best`.

    Raises:
        ImportError: matplotlib is missing; nothing is written.
        ValueError: recipe or history are missing, empty or damaged, or the evaluation is damaged;
            nothing is written.
    """
    run, found = RunFolder(run_folder), summarise(run_folder)
    picture = run.path / "curves.png"
    drawn = curves(found.history)
    parts = [
        f"# {found.name}",
        str(found.recipe.get("description", "")),
        _effort(found),
        f"Best weights: {found.evaluation}." if found.evaluation else "",
        _figures(found.history),
        f"![Loss, accuracy, learning rate and flips by epoch]({picture.name})",
        "## Recipe",
        f"```toml\n{run.recipe.read_text(encoding='utf-8').strip()}\n```",
    ]
    with explain_full_disk(picture.name, picture):
        picture.write_bytes(drawn)
    path = run.path / "report.md"
    write_text(path, "\n\n".join(part for part in parts if part) + "\n")
    return path


def _effort(found: RunSummary) -> str:
    """`300 of 300 epochs, 1,200 steps, 0:10:00, 512 images/s`, as far as known."""
    parts = [f"{found.epochs} of {found.recipe.get('epochs') or '?'} epochs"]
    if "step" in found.history.columns:
        parts.append(f"{found.history.columns['step'][-1]:,.0f} steps")
    if found.seconds is not None:
        parts.append(f"{timedelta(seconds=round(found.seconds))} with evaluation")
    if found.images_per_second is not None:
        parts.append(f"{found.images_per_second:,.1f} images/s in training")
    return ", ".join(parts) + "."


def _figures(history: RunHistory) -> str:
    """A table of the best and the last epoch."""
    best, by = history.best()
    epochs = history.columns["epoch"]
    headings = "", f"best by {by} (epoch {epochs[best]:.0f})", f"last (epoch {epochs[-1]:.0f})"
    rows = [
        (name, _shown(name, values[best]), _shown(name, values[-1]))
        for name, values in history.columns.items()
        if name not in _NO_FIGURES
    ]
    return table(rows, headings, right=1)


def _shown(name: str, value: float) -> str:
    if math.isnan(value):
        return ""
    return f"{value:.2%}" if name.removeprefix("val_") in _PERCENT else f"{value:.4g}"
