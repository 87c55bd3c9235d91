"""Texts and tables of rich that names of files can't disturb."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from larq_bvit.bench.report import wording

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


def table(title: str, headings: Sequence[str], words: int, whole: Sequence[int] = ()) -> Table:
    """Words on the left, numbers on the right; cells are folded, not cut.

    Arguments:
        title: above it, or empty.
        headings: of the columns.
        words: so many columns hold words, the others numbers.
        whole: columns that are not folded; what else there is must leave room for them.
    """
    from rich.table import Table

    style = {"title_justify": "left", "title_style": "bold", "box": None}
    made = Table(title=title or None, pad_edge=False, **style)  # type: ignore[arg-type]
    for i, heading in enumerate(headings):
        side = {"justify": "left" if i < words else "right", "no_wrap": i in whole}
        made.add_column(text(heading), overflow="fold", **side)  # type: ignore[arg-type]
    return made


def text(words: str, style: str = "") -> RenderableType:
    """As it is: no markup of rich, and nothing that moves the terminal's cursor."""
    from rich.text import Text

    return Text(wording.printable(words), style=style)
