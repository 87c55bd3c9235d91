"""How large the panels of a picture are."""

from dataclasses import dataclass

from larq_bvit.explain.explanation import Explanation

GAP = 0.09  # inches, as all below
COLUMN_HEIGHT = 8.3  # of the left column
_STAGE_TITLE, _HEAD_TITLE, _STAGE_END = 0.26, 0.2, 0.3
_SMALLEST_PANEL, _LARGEST_PANEL = 1.25, 2.0
_SMALLEST_MAP, _SMALLEST_PITCH, _SMALLEST_ROW = 2.4, 1.0, 0.85  # their titles need it


@dataclass(frozen=True)
class Grid:
    """Sizes of the panels, in inches."""

    width: float
    height: float
    rows: int  # of panels per stage

    @property
    def map_size(self) -> tuple[float, float]:
        """(width, height) of the pyramid's map: as high as two panels."""
        height = 2 * self.height + GAP
        return height * self.width / self.height, height

    @property
    def pitch(self) -> float:
        """From one head to the next."""
        return max(self.width + GAP, _SMALLEST_PITCH)

    @property
    def row_pitch(self) -> float:
        """From one row of panels to the next."""
        return max(self.height + GAP, _SMALLEST_ROW)

    @property
    def map_column(self) -> float:
        return max(self.map_size[0], _SMALLEST_MAP)

    @property
    def titles(self) -> float:
        """From the top of a stage to its panels."""
        return _STAGE_TITLE + _HEAD_TITLE

    @property
    def stage_height(self) -> float:
        return self.titles + self.rows * self.row_pitch + _STAGE_END


def grid_of(subject: Explanation) -> Grid:
    """Panels of the image's shape, larger where few stages leave room."""
    height, width = subject.pixels.shape[:2]
    rows = 3 if subject.masks[0].from_token is not None else 2
    room = COLUMN_HEIGHT / len(subject.masks) / rows
    side = min(max(room, _SMALLEST_PANEL), _LARGEST_PANEL)
    return Grid(side * min(1, width / height), side * min(1, height / width), rows)
