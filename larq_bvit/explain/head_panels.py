"""The panels of a stage's heads: how often each place is attended to, and one query's choice."""

from typing import Any

from larq_bvit._extras import require
from larq_bvit.explain.attention_masks import AttentionMask
from larq_bvit.explain.explanation import Explanation
from larq_bvit.explain.grid import Grid
from larq_bvit.explain.head_figures import attended_share, head_figures, percent
from larq_bvit.explain.overlays import binary_overlay, enlarge, tint
from larq_bvit.explain.page import Page

COLOUR_MAP = "viridis"
_ROWS = ("how often", "from the +", "class token")


def draw_heads(
    page: Page, mask: AttentionMask, subject: Explanation, corner: tuple[float, float], grid: Grid
) -> None:
    """A column of panels per head; `corner` (left, top) is that of the first one."""
    left, top = corner
    pixels, size = subject.pixels, subject.pixels.shape[:2]
    x, y, cell = _query(mask, subject)
    colour_map = require("matplotlib", "plot").colormaps[COLOUR_MAP]
    figures, shares = head_figures(mask), attended_share(mask)
    for row, label in enumerate(_ROWS[: grid.rows]):
        middle = top + row * grid.row_pitch + grid.height / 2
        page.text(left - 0.09, middle, label, size=9, rotation=90, va="center", ha="right")
    for head, numbers in enumerate(figures):
        heat = tint(pixels, enlarge(colour_map(shares[head])[..., :3], size))
        overlays = [heat, binary_overlay(pixels, mask.mask[head, y, x])]
        if mask.from_token is not None:
            overlays.append(binary_overlay(pixels, mask.from_token[head]))
        for row, overlay in enumerate(overlays):
            place = left + head * grid.pitch, top + row * grid.row_pitch
            axes = page.axes(*place, grid.width, grid.height)
            axes.imshow(overlay, interpolation="nearest")
            if row == 0:
                text = f"head {head + 1}: {percent(numbers.ones)}"
                axes.set_title(text, fontsize=9, pad=3, loc="left")
            if row == 1:
                _mark(axes, cell, subject.at)


def _query(mask: AttentionMask, subject: Explanation) -> tuple[int, int, tuple[int, int, int, int]]:
    """The query at the chosen point: its column, its row, and its (left, top, width, height)."""
    (height, width), (rows, columns) = subject.pixels.shape[:2], mask.mask.shape[1:3]
    x, y = subject.at[0] * columns // width, subject.at[1] * rows // height
    w, h = width // columns, height // rows
    return x, y, (x * w, y * h, w, h)


def _mark(axes: Any, cell: tuple[int, int, int, int], at: tuple[int, int]) -> None:
    """Outlines the query's cell; a pixel's middle has whole coordinates."""
    patches = require("matplotlib.patches", "plot")
    left, top, width, height = cell
    for colour, line in (("black", 2.4), ("white", 1.2)):
        box = (left - 0.5, top - 0.5), width, height
        axes.add_patch(patches.Rectangle(*box, fill=False, edgecolor=colour, linewidth=line))
    axes.plot(*at, "+", color="black", ms=7, mew=2.4)
    axes.plot(*at, "+", color="white", ms=6, mew=1.2)
