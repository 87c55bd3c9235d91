"""Where a point's name fits between others."""

from __future__ import annotations

from dataclasses import dataclass

_AWAY = 9.0  # units from a point
_STEPS = 7


@dataclass(frozen=True)
class Box:
    """A rectangle, in units of a chart."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Whether they share an area."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def within(self, other: Box) -> bool:
        """Whether no part is outside of the other one."""
        across = self.left >= other.left and self.right <= other.right
        return across and self.top >= other.top and self.bottom <= other.bottom


def place_label(
    point: tuple[float, float], width: float, height: float, taken: list[Box], frame: Box
) -> Box | None:
    """A place near a point that overlaps nothing; None where there is none.

    Arguments:
        point: that it names.
        width, height: of the name.
        taken: marks, and names that have their place.
        frame: that it must not leave.
    """
    x, y = point
    for step in range(_STEPS):
        away = step * height * 0.6
        for left, top in (
            (x - width / 2, y - height - _AWAY - away),
            (x + _AWAY, y - height / 2 - away),
            (x - width / 2, y + _AWAY + away),
            (x + _AWAY, y - height / 2 + away),
            (x - width - _AWAY, y - height / 2 - away),
            (x - width - _AWAY, y - height / 2 + away),
        ):
            left = min(max(left, frame.left), frame.right - width)
            box = Box(left, top, left + width, top + height)
            if box.within(frame) and not any(map(box.overlaps, taken)):
                return box
    return None
