"""A matplotlib figure on which things have places in inches."""

from typing import Any


class Page:
    """Places count from the top left corner.

    Arguments:
        figure: an empty `matplotlib.figure.Figure`.
        width, height: in inches.
    """

    def __init__(self, figure: Any, width: float, height: float):
        figure.set_size_inches(width, height)
        self.figure, self.width, self.height = figure, width, height

    def axes(self, left: float, top: float, width: float, height: float) -> Any:
        """Axes without ticks."""
        bottom = self.height - top - height
        axes = self.figure.add_axes(
            (left / self.width, bottom / self.height, width / self.width, height / self.height)
        )
        axes.set_xticks([])
        axes.set_yticks([])
        return axes

    def text(
        self, left: float, top: float, text: str, *, size: float, va: str = "top", **style: Any
    ) -> Any:
        """Text, with dollar signs as they are."""
        place = left / self.width, 1 - top / self.height
        return self.figure.text(*place, text, fontsize=size, va=va, parse_math=False, **style)
