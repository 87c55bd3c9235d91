"""The confusion matrix as a picture."""

from __future__ import annotations

import numpy as np

from larq_bvit._extras import require
from larq_bvit._figure import png
from larq_bvit.train.evaluation import Evaluation

_MOST_NAMES, _MOST_NUMBERS = 60, 20
_DOTS_PER_INCH = 150


def confusion_picture(evaluation: Evaluation) -> bytes:
    """PNG: one row per class, with the shares of its images by best class.

    Up to 20 classes have numbers in percent, up to 60 their names.

    Raises:
        ImportError: matplotlib is missing.
    """
    figures = require("matplotlib.figure", "plot")
    counts = evaluation.confusion
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    classes = len(counts)
    side = float(np.clip(0.28 * classes + 2.5, 5, 14))
    figure = figures.Figure(figsize=(side * 1.1, side), layout="constrained")
    axes = figure.subplots()
    # The square root makes rare mistakes visible beside the diagonal.
    scale = require("matplotlib.colors", "plot").PowerNorm(0.5, vmin=0, vmax=1)
    image = axes.imshow(shares, cmap="Blues", norm=scale)
    axes.set(
        title=f"top-1 {evaluation.top_1}, {evaluation.images:,} images",
        xlabel="best class",
        ylabel="label",
    )
    if classes <= _MOST_NAMES:
        axes.set_xticks(range(classes), evaluation.classes, rotation=90)
        axes.set_yticks(range(classes), evaluation.classes)
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_parse_math(False)
    if classes <= _MOST_NUMBERS:
        for (row, column), share in np.ndenumerate(shares):
            if share >= 0.005:
                colour = "white" if share > 0.4 else "black"
                text = f"{100 * share:.0f}"
                axes.text(column, row, text, color=colour, ha="center", va="center", size=8)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, format="{x:.0%}")
    bar.set_label("share of the label's images")
    return png(figure, _DOTS_PER_INCH)
