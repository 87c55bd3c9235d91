"""Colours as classes of CSS, so that the page needs no styles in its elements."""

from __future__ import annotations

from larq_bvit.bench.entry import family
from larq_bvit.bench.report import palette

_LIGHT = 0.4  # relative luminance from which dark text is easier to read


def runtime_class(runtime: str) -> str:
    """Of bars and marks of a runtime."""
    if not runtime:
        return "r-none"
    return f"r-{family(runtime)}" if family(runtime) in palette.RUNTIMES else "r-other"


def kind_class(colour: str) -> str:
    """Of bars of a kind of operator, by its colour."""
    return f"k-{colour.lstrip('#')}"


def on_light(colour: str) -> bool:
    """Whether text on this colour must be dark."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > _LIGHT - 0.2


def colour_rules() -> str:
    """CSS of all of them."""
    rules = {f"r-{name}": colour for name, colour in palette.RUNTIMES.items()}
    rules["r-other"] = palette.runtime_colour("")
    rules.update({kind_class(colour): colour for colour in palette.KINDS.values()})
    return "".join(
        f".{name}{{fill:{colour};background:{colour}}}\n" for name, colour in rules.items()
    )
