"""Blocks that the page's sections are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from larq_bvit.bench.report.page.markup import Markup, join, tag


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    words: int = 1,
) -> Markup:
    """A table which a narrow screen shows as a block per row, each cell with its heading.

    Arguments:
        headings: of the columns.
        rows: a cell per heading; a phone leaves out empty ones.
        words: so many columns hold words, the others numbers.
    """
    head = [tag("th", h, scope="col", class_=_side(i, words)) for i, h in enumerate(headings)]
    body = [
        tag("tr", *(_cell(i, headings[i], cell, words) for i, cell in enumerate(row)))
        for row in rows
    ]
    return tag(
        "table",
        tag("thead", tag("tr", *head)),
        tag("tbody", *body),
        class_="cards",
    )


def command(line: str, what: str = "How to repeat it") -> Markup:
    """A command line; nothing where there is none."""
    if not line:
        return Markup()
    return tag("div", tag("span", what), tag("pre", tag("code", line)), class_="command")


def figure(title: str, words: str, *content: object) -> Markup:
    """A chart with what belongs to it, under its title and how it is read."""
    return tag("figure", tag("figcaption", tag("b", title), words), *content)


def folded_up(summary: object, *content: object, **attributes: object) -> Markup:
    """What is shown on demand."""
    return tag("details", tag("summary", summary), *content, **attributes)


def facts(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Names and values; pairs without a value are left out."""
    parts = [
        tag("div", tag("dt", name), tag("dd", value))
        for name, value in pairs
        if value not in ("", None)
    ]
    return tag("dl", *parts)


def legend(entries: Iterable[tuple[str, str]]) -> Markup:
    """Of (class of the colour, words)."""
    items = [tag("li", tag("i", class_=style), words) for style, words in entries]
    return tag("ul", join(*items), class_="legend")


def _side(column: int, words: int) -> str | None:
    return None if column < words else "n"


def _cell(column: int, heading: str, content: object, words: int) -> Markup:
    empty = "empty" if content == "" else None
    if column == 0:
        return tag("th", content, scope="row")
    style = " ".join(filter(None, (_side(column, words), empty))) or None
    number, bracket, ends = str(content).partition(" (")
    if bracket and column >= words:  # an interval, below its number where a row is one line
        content = join(number, " ", tag("small", f"({ends}"))
    return tag("td", content, data_label=heading, class_=style)
