"""The picture's left column: the image, its classes, and how to read the rest."""

from textwrap import fill

import numpy as np

from larq_bvit._extras import require
from larq_bvit.explain.explanation import Explanation
from larq_bvit.explain.head_panels import COLOUR_MAP
from larq_bvit.explain.overlays import ATTENDED, IGNORED, tint
from larq_bvit.explain.page import Page

WIDTH = 3.2  # inches
_LONGEST_NAME = 30  # characters
_MAP = (
    "Map: a stage's features at its end, the last normalised. Their first three principal "
    "components over this image are red, green and blue, each stretched to its own range; "
    "colours of different stages are not comparable."
)
_HEADS = (
    "Heads: binary attention is 0 or 1 for each pair of query and key; a head's percentage is "
    "its share of 1. Every cell is a key's place; nothing is smoothed."
)


def draw_side_column(page: Page, subject: Explanation, left: float, top: float) -> None:
    """Fills the column below `top`."""
    height, width = subject.pixels.shape[:2]
    scale = WIDTH / max(height, width)
    axes = page.axes(left, top, width * scale, height * scale)
    axes.imshow(subject.pixels, interpolation="nearest")
    axes.plot(*subject.at, "+", color="black", ms=13, mew=3)
    axes.plot(*subject.at, "+", color="white", ms=12, mew=1.4)
    top += height * scale + 0.08
    x, y = subject.at
    page.text(left, top, f"what the model sees, {width}x{height}; + is at {x},{y}", size=9)
    top = _classes(page, subject, left, top + 0.36)
    top = _share_colours(page, subject, left, top)
    top = _binary_colours(page, subject, left, top)
    page.text(left, top, "\n\n".join(fill(text, 50) for text in (_HEADS, _MAP)), size=9)


def _classes(page: Page, subject: Explanation, left: float, top: float) -> float:
    line = 0.3
    for i, (_, name, probability) in enumerate(subject.ranking):
        name = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "\u2026"
        weight = "bold" if i == 0 else "normal"
        page.text(left, top, name, size=9.5, weight=weight)
        page.text(left + WIDTH, top, f"{probability:.1%}", size=9.5, ha="right", weight=weight)
        bar = page.axes(left, top + 0.17, WIDTH, 0.05)
        bar.barh(0, probability, color="#1f5fa8")
        bar.set(xlim=(0, 1), ylim=(-0.4, 0.4), facecolor="#e3e6ea")
        bar.spines[:].set_visible(False)
        top += line
    return top + 0.2


def _share_colours(page: Page, subject: Explanation, left: float, top: float) -> float:
    """The colour bar of the heat maps, over a grey of their middle brightness."""
    page.text(left, top, "how often: share of queries that attend to a place", size=9)
    scale = require("matplotlib", "plot").colormaps[COLOUR_MAP](np.linspace(0, 1, 256))[None, :, :3]
    axes = page.axes(left, top + 0.2, WIDTH, 0.16)
    axes.imshow(tint(_grey(scale), scale), aspect="auto", extent=(0, 1, 0, 1))
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.tick_params(labelsize=8.5, length=2, pad=2)
    return top + 0.7


def _binary_colours(page: Page, subject: Explanation, left: float, top: float) -> float:
    token = " and of the class token" if subject.masks[0].from_token is not None else ""
    page.text(left, top, f"choice of the query at the +{token}:", size=9)
    for i, (colour, text) in enumerate(((ATTENDED, "1, attended to"), (IGNORED, "0, ignored"))):
        swatch = np.array(colour)[None, None]
        axes = page.axes(left + i * WIDTH / 2, top + 0.2, 0.24, 0.16)
        axes.imshow(tint(_grey(swatch), swatch), aspect="auto")
        page.text(left + i * WIDTH / 2 + 0.32, top + 0.2, text, size=9)
    return top + 0.6


def _grey(colours: np.ndarray) -> np.ndarray:
    """Pixels of middle brightness."""
    return np.full(colours.shape, 128, np.uint8)
