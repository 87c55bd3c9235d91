"""The curves of a run as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from larq_bvit._extras import require
from larq_bvit._figure import png
from larq_bvit.train.run_history import RunHistory

_TRAINING, _EVALUATION = "#9aa5b1", "#1f5fa8"


@dataclass(frozen=True)
class _Panel:
    """One diagram: lines of columns {name: (label, colour)}."""

    title: str
    lines: dict[str, tuple[str, str]]
    percent: bool = False
    logarithmic: bool = False


_PANELS = (
    _Panel("Loss", {"loss": ("training", _TRAINING), "val_loss": ("evaluation", _EVALUATION)}),
    _Panel(
        "Accuracy",
        {"accuracy": ("training", _TRAINING), "val_accuracy": ("evaluation", _EVALUATION)},
        percent=True,
    ),
    _Panel("Learning rate", {"learning_rate": ("", _EVALUATION)}),
    _Panel(
        "Binary weights",
        {
            "flips": ("signs that flipped in the epoch", _EVALUATION),
            "dead": ("latent weights without gradient", "#c44e52"),
        },
        percent=True,
        logarithmic=True,
    ),
)


def curves(history: RunHistory) -> bytes:
    """PNG: loss, accuracy, learning rate and flips, as far as they are known.

    Raises:
        ImportError: matplotlib is missing.
    """
    figures = require("matplotlib.figure", "plot")
    panels = [panel for panel in _PANELS if any(_known(history, name) for name in panel.lines)]
    rows = -(-len(panels) // 2)
    figure = figures.Figure(figsize=(11, 3.4 * rows), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
    places = figure.subplots(rows, 2, squeeze=False).ravel()
    for axes, panel in zip(places, panels, strict=False):
        _draw(axes, panel, history)
    for axes in places[len(panels) :]:
        axes.set_axis_off()
    return png(figure, dpi=120)


def _known(history: RunHistory, name: str) -> bool:
    return name in history.columns and not np.isnan(history.columns[name]).all()


def _draw(axes: Any, panel: _Panel, history: RunHistory) -> None:
    epochs = history.columns["epoch"]
    best, by = history.best()
    # a single epoch is a point, and gaps leave points alone
    marker = "o" if len(history) < 15 else ""
    for name, (label, colour) in panel.lines.items():
        if not _known(history, name):
            continue
        values = history.columns[name]
        axes.plot(epochs, values, color=colour, label=label, marker=marker, ms=4, lw=1.6)
        if name == by:
            text = f"{values[best]:.2%}" if panel.percent else f"{values[best]:.4g}"
            axes.plot(epochs[best], values[best], "o", color=colour, ms=7)
            axes.annotate(
                f"best {text}, epoch {epochs[best]:.0f}",
                (epochs[best], values[best]),
                xytext=(0.97, 0.55),
                textcoords="axes fraction",
                ha="right",
                color=colour,
                arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.8},
            )
    _axes(axes, panel, history)


def _axes(axes: Any, panel: _Panel, history: RunHistory) -> None:
    ticker = require("matplotlib.ticker", "plot")
    shown = [history.columns[name] for name in panel.lines if _known(history, name)]
    if panel.logarithmic and any((values > 0).any() for values in shown):
        axes.set_yscale("log", nonpositive="mask")
    else:
        low, high = (
            float(end([end(values) for values in shown])) for end in (np.nanmin, np.nanmax)
        )
        axes.set_ylim(min(0.0, low), high + 0.05 * abs(high) or 1.0)
    last = history.columns["epoch"].max()
    axes.set_xlim(0, last + max(0.02 * last, 0.2))
    if panel.percent:
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
    axes.set_title(panel.title, loc="left", fontsize=11, fontweight="bold")
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    axes.grid(color="#e3e6ea", lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if any(label for label, _ in panel.lines.values()):
        axes.legend(frameon=False, fontsize=9)
