"""What SVG charts share: their frame, text that keeps to its width, tips."""

from __future__ import annotations

import unicodedata

from larq_bvit.bench.report.page.markup import Markup, join, tag

WIDTH = 360.0  # units; a phone shows them as about one pixel each, so text stays readable
SIZE = 12.0  # of text, in units
SMALL = 11.0
_NARROW, _BROAD = set("iljtfr.,:;'|!()[] -/"), set("mwMW@%&")
_BREAKS = set(" ,;:/_-.")


def chart(name: str, title: str, description: str, height: float, *content: object) -> Markup:
    """An <svg> with a title and a description for screen readers.

    Arguments:
        name: unique on the page.
        title: what it shows.
        description: what is to be seen in it.
        height: in units, of which it is `WIDTH` wide.
        content: elements.
    """
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", description, id=f"{name}-desc"),
        *content,
        viewBox=f"0 0 {WIDTH:g} {height:g}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        class_="chart",
    )


def label(x: float, y: float, text: str, size: float = SIZE, **attributes: object) -> Markup:
    """Text with its baseline at y."""
    return tag("text", text, x=x, y=y, font_size=size, **attributes)


def tip(words: str, *marks: object) -> Markup:
    """Marks that tell more when they are pointed at or tapped."""
    return tag("g", tag("title", words), join(*marks), class_="tip")


def text_width(text: str, size: float = SIZE) -> float:
    """Units that a text takes at most in common fonts without serifs."""
    return size * sum(map(_char_width, text))


def wrapped(text: str, width: float, size: float = SIZE) -> list[str]:
    """Lines that keep to a width; broken after marks such as "/" where there are some."""
    lines = [""]
    for char in text:
        if text_width(lines[-1] + char, size) > width and lines[-1]:
            line = lines[-1]
            at = max((i + 1 for i, c in enumerate(line) if c in _BREAKS), default=0)
            # a break near the line's begin would waste the line
            at = at if at > len(line) / 3 else len(line)
            lines[-1:] = [line[:at], line[at:]]
        lines[-1] += char
    return [line.strip() for line in lines]


def _char_width(char: str) -> float:
    if char in _NARROW:
        return 0.38
    if unicodedata.east_asian_width(char) in "WF":
        return 1.05
    if char in _BROAD:
        return 1.0
    return 0.75 if char.isupper() else 0.63
