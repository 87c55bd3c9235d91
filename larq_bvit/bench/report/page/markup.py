"""HTML and SVG of which all text is escaped."""

from __future__ import annotations

from html import escape

from larq_bvit.bench.report.wording import printable

_VOID = frozenset(("br", "link", "meta"))


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def tag(name: str, /, *content: object, **attributes: object) -> Markup:
    """An element.

    Arguments:
        name: of the element.
        content: what is in it; None is left out, `Markup` stays, all else is escaped.
        attributes: None are left out; `class_` and `stroke_width` are "class" and "stroke-width".
            Floats have two decimals at most.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*content)}</{name}>")


def join(*parts: object) -> Markup:
    """Parts one after another, escaped as those of `tag`."""
    return Markup("".join(text(part) for part in parts if part is not None))


def text(value: object) -> Markup:
    """Escaped, without characters that turn the text around or mean nothing."""
    return value if isinstance(value, Markup) else Markup(escape(printable(str(value))))


def _short(value: object) -> object:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
