"""Attention masks and pyramid of one image as a picture."""

import io
from typing import Any

import numpy as np

from larq_bvit._extras import require
from larq_bvit.explain.attention_masks import AttentionMask
from larq_bvit.explain.explanation import Explanation
from larq_bvit.explain.grid import COLUMN_HEIGHT, Grid, grid_of
from larq_bvit.explain.head_figures import percent
from larq_bvit.explain.head_panels import draw_heads
from larq_bvit.explain.overlays import enlarge, principal_colours
from larq_bvit.explain.page import Page
from larq_bvit.explain.side_column import WIDTH, draw_side_column

_EDGE, _LABEL, _TITLE, _LINE = 0.35, 0.34, 0.75, 0.26  # inches
_SMALLEST_WIDTH = 14.0  # a stage's title needs it
_DPI = 110
_WARNING = "#c0392b"


def picture(
    subject: Explanation,
    *,
    title: str = "What binary attention looks at",
    subtitle: str = "",
    warning: str = "",
    format: str = "png",
) -> bytes:
    """A PNG, PDF or SVG: left the image and its classes, then a row per stage.

    A stage shows its map, then for every head how often each place is attended to and which
    places the query at the chosen point attends to (and the class token, where there is one).

    Arguments:
        title, subtitle: above all.
        warning: in red beside them: what the reader must not believe.
        format: "png", "pdf" or "svg".

    Raises:
        ImportError: matplotlib is missing.
    """
    file = io.BytesIO()
    drawn = draw(subject, title=title, subtitle=subtitle, warning=warning)
    drawn.savefig(file, format=format, dpi=_DPI)
    return file.getvalue()


def draw(subject: Explanation, *, title: str, subtitle: str, warning: str) -> Any:
    """The picture as a `matplotlib.figure.Figure`."""
    figures = require("matplotlib.figure", "plot")
    grid = grid_of(subject)
    heads = max(len(mask.mask) for mask in subject.masks)
    left = _EDGE + WIDTH + 2 * _EDGE
    heads_left = left + grid.map_column + _LABEL + _EDGE
    begin = _TITLE + _LINE * (bool(subtitle) + bool(warning))
    page = Page(
        figures.Figure(),
        max(heads_left + heads * grid.pitch + _EDGE, _SMALLEST_WIDTH),
        begin + max(len(subject.masks) * grid.stage_height, COLUMN_HEIGHT) + _EDGE,
    )
    page.text(_EDGE, _EDGE, title, size=16, weight="bold")
    page.text(_EDGE, _TITLE, subtitle, size=10.5, color="#444444")
    page.text(_EDGE, begin - _LINE, warning, size=10.5, color=_WARNING, weight="bold")
    draw_side_column(page, subject, _EDGE, begin + grid.titles)
    for i, (mask, features) in enumerate(zip(subject.masks, subject.maps, strict=True)):
        top = begin + i * grid.stage_height
        colour = "black" if mask.clip > 0 else _WARNING
        text = _stage_title(mask, features, subject.depths[i])
        page.text(left, top, text, size=10.5, color=colour)
        top += grid.titles
        _draw_map(page, features, subject.pixels, (left, top), grid)
        draw_heads(page, mask, subject, (heads_left, top), grid)
    return page.figure


def _stage_title(mask: AttentionMask, features: np.ndarray, depth: int) -> str:
    _, *sides = mask.mask.shape
    queries, keys = (f"{height}x{width}" for height, width in (sides[:2], sides[2:]))
    if mask.clip <= 0:
        remark = f"; off: its clip {mask.clip:.2g} lets nothing through"
    else:
        remark = " (a single one: nothing to choose)" if keys == "1x1" else ""
    return (
        f"Stage {mask.stage}: map {'x'.join(map(str, features.shape))}.  "
        f"Attention of block {mask.block} of {depth}: {queries} queries, {keys} keys{remark}"
    )


def _draw_map(
    page: Page, features: np.ndarray, pixels: np.ndarray, corner: tuple[float, float], grid: Grid
) -> None:
    colours, share = principal_colours(features)
    axes = page.axes(*corner, *grid.map_size)
    axes.imshow(enlarge(colours, pixels.shape[:2]), interpolation="nearest")
    text = f"map, 3 components: {percent(share)} of variance" if share else "map: nothing varies"
    axes.set_title(text, fontsize=9, pad=3, loc="left")
