"""Figures of matplotlib as files."""

from io import BytesIO
from typing import Any


def png(figure: Any, dpi: float | None = None) -> bytes:
    """Without date and version: the same figure gives the same file."""
    content = BytesIO()
    figure.savefig(content, format="png", dpi=dpi or "figure", metadata={"Software": None})
    return content.getvalue()
