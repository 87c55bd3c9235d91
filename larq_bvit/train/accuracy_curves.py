"""The accuracy of several runs in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from larq_bvit._extras import require
from larq_bvit._figure import png
from larq_bvit.train.run_summary import RunSummary

# Paul Tol's "muted", which the colour-blind can tell apart, and black
_COLOURS = [
    *("#332288", "#CC6677", "#117733", "#88CCEE", "#882255"),
    *("#DDCC77", "#44AA99", "#999933", "#AA4499", "#000000"),
]
_WITH_TRAINING = 5  # runs; beyond, their lines would hide each other


def accuracy_curves(runs: Sequence[RunSummary]) -> bytes:
    """PNG: val_accuracy over epochs, a line for every run, and of few runs accuracy in training.

    The legend has the order of `runs`; after ten, colours come again. A dot is the best epoch.

    Raises:
        ImportError: matplotlib is missing.
    """
    figures = require("matplotlib.figure", "plot")
    ticker = require("matplotlib.ticker", "plot")
    figure = figures.Figure(figsize=(9, 4.6 + 0.22 * len(runs)), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
    axes = figure.subplots()
    training = len(runs) <= _WITH_TRAINING
    for i, run in enumerate(runs):
        colour = _COLOURS[i % len(_COLOURS)]
        if training:
            _line(axes, run, "accuracy", color=colour, lw=1.0, ls=(0, (4, 3)), alpha=0.7)
        _line(axes, run, "val_accuracy", color=colour, lw=2.0, label=_label(run))
        _best(axes, run, colour)
    title = "Accuracy in evaluation" + (" (dashed: in training)" if training else "")
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold")
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
    axes.grid(color="#e3e6ea", lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower left", frameon=False, fontsize=9)
    return png(figure, dpi=120)


def _line(axes: Any, run: RunSummary, column: str, **style: Any) -> None:
    epochs, values = _points(run, column)
    marker = "o" if len(values) == 1 else ""  # one epoch makes no line
    axes.plot(epochs, values, marker=marker, ms=4, **style)


def _best(axes: Any, run: RunSummary, colour: str) -> None:
    epochs, values = _points(run, "val_accuracy")
    if len(values):
        best = int(values.argmax())
        axes.plot(epochs[best], values[best], "o", color=colour, ms=6)


def _points(run: RunSummary, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Epochs that have such a figure, and the figures: epochs without leave no gap."""
    epochs = run.history.columns["epoch"]
    values = run.history.columns.get(column, np.full(len(epochs), np.nan))
    known = ~np.isnan(values)
    return epochs[known], values[known]


def _label(run: RunSummary) -> str:
    """`name, 55.10%`; a name as it is, though `_` and `$` mean something to matplotlib."""
    name = run.name.replace("$", r"\$")
    name = f"\u200b{name}" if name.startswith("_") else name
    return name if run.top_1 is None else f"{name}, {run.top_1:.2%}"
