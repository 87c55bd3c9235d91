"""A picture of a census: operators by number and kind, bytes by content."""

from typing import TYPE_CHECKING, Any

from larq_bvit._extras import require
from larq_bvit._figure import png
from larq_bvit._palette import KINDS, OTHER

if TYPE_CHECKING:
    from larq_bvit.convert import Census

CONTENT_COLOURS = {
    "1-bit weights": KINDS["binary product"],
    "other constants": KINDS["float product"],
    "graph": KINDS["layout"],
    "attached": KINDS[OTHER],
}
_WIDTH = 10.0  # inches
_ROW = 0.24  # inches, of an operator
_MARGINS = 2.5  # inches: the bar of bytes, titles, legends


def contents(count: "Census") -> dict[str, int]:
    """{content: bytes} of a file, in the order of `CONTENT_COLOURS`."""
    sizes = (count.bits, count.constants, count.graph, count.attached)
    return dict(zip(CONTENT_COLOURS, sizes, strict=True))


def draw(count: "Census", title: str) -> bytes:
    """A PNG.

    Raises:
        ImportError: matplotlib is missing.
    """
    figure_class = require("matplotlib.figure", "plot").Figure
    height = _MARGINS + _ROW * max(len(count.operators), 4)
    figure = figure_class(figsize=(_WIDTH, height), dpi=150, layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", parse_math=False)
    ratios = {"height_ratios": [0.35, height - _MARGINS]}
    above, below = figure.subplots(2, 1, gridspec_kw=ratios)
    _draw_bytes(above, count)
    _draw_operators(below, count)
    handles = below.get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower left", ncols=4, fontsize=8, frameon=False)
    return png(figure)


def _draw_bytes(axes: Any, count: "Census") -> None:
    """One bar, cut into contents."""
    from rich.filesize import decimal

    start = 0
    for content, size in contents(count).items():
        label = f"{content} {decimal(size)} ({size / (count.size or 1):.0%})"
        axes.barh(0, size, left=start, color=CONTENT_COLOURS[content], label=label)
        start += size
    axes.set_title(f"{decimal(count.size)} by content", loc="left", fontsize=10)
    axes.set_xlim(0, count.size or 1)
    axes.set_axis_off()
    below = {"loc": "upper left", "bbox_to_anchor": (0, 0), "ncols": 4, "columnspacing": 1.2}
    axes.legend(**below, fontsize=8, frameon=False, borderaxespad=0, handlelength=1)


def _draw_operators(axes: Any, count: "Census") -> None:
    """A bar per operator, the most frequent one above; labels say what the colours mean."""
    from larq_bvit.convert.counting.operator_kinds import kind_of

    names = list(count.operators)
    for kind, colour in KINDS.items():
        numbers = {name: n for name, n in count.operators.items() if kind_of(name) == kind}
        if numbers:
            places = [names.index(name) for name in numbers]
            label = f"{kind}: {sum(numbers.values()):,}"
            bars = axes.barh(places, numbers.values(), color=colour, label=label)
            axes.bar_label(bars, [f"{n:,}" for n in numbers.values()], padding=3, fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8, parse_math=False)
    axes.set_xticks([])  # the bars say their numbers
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(0, 1.06 * max(count.operators.values(), default=1))
    axes.set_title(f"{sum(count.operators.values()):,} operators", loc="left", fontsize=10)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
