"""Figures as files."""

from io import BytesIO

import pytest
from PIL import Image

from larq_bvit._figure import png


@pytest.mark.parametrize(("dpi", "size"), [(None, (200, 100)), (50, (100, 50))])
def test_png(dpi, size):
    figures = pytest.importorskip("matplotlib.figure")
    figure = figures.Figure(figsize=(2, 1), dpi=100)
    figure.subplots().plot([1, 2])
    content = png(figure, dpi)
    with Image.open(BytesIO(content)) as image:
        assert image.size == size and "Software" not in image.info
    assert png(figure, dpi) == content
