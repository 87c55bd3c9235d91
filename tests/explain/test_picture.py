"""What is drawn, and that nothing is drawn over something else."""

import io
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from larq_bvit.explain import explain_image, picture
from larq_bvit.explain.explanation import Explanation
from larq_bvit.explain.overlays import binary_overlay, enlarge, principal_colours
from tests.explain.conftest import CLASSES, SIZE, TOKEN, build, mask_of

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture
def subject(model, pixels):
    """With masks that differ from query to query."""
    one = explain_image(model, pixels, class_names=CLASSES, at=(5, 9))
    rng = np.random.default_rng(0)
    masks = [replace(mask, mask=rng.random(mask.mask.shape) < 0.5) for mask in one.masks]
    return replace(one, masks=masks)


def drawing(subject, **texts):
    from larq_bvit.explain.picture import draw

    return draw(subject, **{"title": "t", "subtitle": "", "warning": "", **texts})


def words(figure):
    """All texts with their boxes in pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    found = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    return [(t.get_text(), t.get_window_extent(canvas.get_renderer())) for t in found]


def images(figure, left):
    """What the axes show whose titles begin so, top to bottom in each column of the same left."""
    titled = [axes for axes in figure.axes if axes.get_title("left").startswith(left)]
    downwards = sorted(figure.axes, key=lambda axes: -axes.get_position().y1)
    return [
        [
            np.asarray(axes.images[0].get_array())
            for axes in downwards
            if abs(axes.get_position().x0 - top.get_position().x0) < 1e-6
        ]
        for top in titled
    ]


def test_panels(subject, pixels):
    figure = drawing(subject)
    columns = images(figure, "head")
    assert len(columns) == 3  # one head, then two
    # at (5, 9), in cells of 4 pixels, then of 8
    first, second = subject.masks
    chosen = [first.mask[0, 2, 1], *second.mask[:, 1, 0]]
    shown = [*columns[0][:2], *columns[0][2:4], *columns[2]]  # heads 1 share a column
    viridis = matplotlib.colormaps["viridis"]
    shares = [first.mask[0].mean((0, 1)), *second.mask.mean((1, 2))]
    for i, (mask, share) in enumerate(zip(chosen, shares, strict=True)):
        np.testing.assert_array_equal(shown[2 * i + 1], binary_overlay(pixels, mask))
        # heat maps: the same share has the same colours, but for the image in grey behind
        heat, grey = shown[2 * i], binary_overlay(pixels, np.ones((1, 1), bool))
        behind = (grey - grey[:1, :1]).mean(axis=2, keepdims=True)
        colours = enlarge(viridis(share)[..., :3], SIZE)
        np.testing.assert_allclose(
            heat - behind - (heat - behind)[0, 0], 0.68 * (colours - colours[0, 0]), atol=1e-12
        )
    # the query's cell is outlined, half a pixel off its pixels' middles
    boxes = [axes.patches[0].get_bbox().bounds for axes in figure.axes if axes.patches]
    assert [box for box in boxes if box[2] != 0 and box[3] == box[2]] == [
        (3.5, 7.5, 4, 4),
        *[(-0.5, 7.5, 8, 8)] * 2,
    ]
    assert {(*line.get_xydata()[0],) for axes in figure.axes for line in axes.lines} == {(5, 9)}
    maps = images(figure, "map")[0]
    for got, features in zip(maps, subject.maps, strict=True):
        np.testing.assert_array_equal(got, enlarge(principal_colours(features)[0], SIZE))


def test_texts(subject):
    off = replace(subject.masks[1], clip=-0.003, mask=np.zeros_like(subject.masks[1].mask))
    figure = drawing(
        replace(subject, masks=[subject.masks[0], off], ranking=[("", "a $dear$ class", 0.25)]),
        title="Title",
        subtitle="from x.jpg",
        warning="Random weights",
    )
    shown = [text for text, _ in words(figure)]
    for text in ("Title", "from x.jpg", "Random weights", "a $dear$ class", "25.0%", "head 2: 0%"):
        assert text in shown
    assert "what the model sees, 24x16; + is at 5,9" in shown
    assert "Stage 1: map 4x6x8.  Attention of block 1 of 1: 4x6 queries, 2x3 keys" in shown
    assert (
        "Stage 2: map 2x3x16.  Attention of block 2 of 2: 2x3 queries, 2x3 keys; "
        "off: its clip -0.003 lets nothing through"
    ) in shown


def test_a_single_key_is_no_choice(pixels):
    mask = mask_of("1", queries=(1, 1), keys=(1, 1))
    one = Explanation(pixels, (0, 0), [], [mask], [np.ones((1, 1, 8))], [1])
    shown = [text for text, _ in words(drawing(one))]
    assert any("1x1 keys (a single one: nothing to choose)" in text for text in shown)
    assert "map: nothing varies" in shown


@pytest.mark.parametrize("size", [(16, 24), (16, 160), (160, 16)], ids=["", "wide", "tall"])
@pytest.mark.parametrize("heads, token", [(1, False), (8, True)])
def test_nothing_overlaps(size, heads, token):
    rng = np.random.default_rng(0)
    grid = size[0] // 8, size[1] // 8
    mask = mask_of("1", queries=(1, 1), keys=(1, 1))
    bits = rng.random((heads, *grid, *grid)) < 0.5
    places = {"from_token": bits[:, 0, 0], "to_token": bits[:, 0, 0]} if token else {}
    mask = replace(mask, mask=bits, clip=0.5 if token else -0.00012, **places)
    subject = Explanation(
        np.zeros((*size, 3), np.uint8),
        (0, size[0] - 1),
        [("n00000000", "a class with a very long name, longer than the column", 0.9999)] * 5,
        [mask] * (1 if token else 4),
        [rng.normal(size=(*grid, 512))] * (1 if token else 4),
        [12] * 4,
    )
    figure = drawing(subject, subtitle="an_image.jpg; weights.h5", warning="Random weights" * 5)
    boxes = words(figure)
    assert len(boxes) > 20
    for (text, box), (other, second) in combinations(boxes, 2):
        assert not box.overlaps(second), (text, other)
    page = figure.bbox
    panels = [axes.get_window_extent() for axes in figure.axes]
    for text, box in boxes:
        assert page.x0 < box.x0 and box.x1 < page.x1, text
        assert page.y0 < box.y0 and box.y1 < page.y1, text
        assert not any(box.overlaps(panel) for panel in panels), text
    for one, other in combinations(panels, 2):
        assert not one.overlaps(other)


def test_class_token_has_a_row(pixels):
    subject = explain_image(build(TOKEN), pixels, class_names=CLASSES)
    columns = images(drawing(subject), "head")
    assert [len(column) for column in columns] == [3, 3]
    for head, column in enumerate(columns):
        expected = binary_overlay(pixels, subject.masks[0].from_token[head])
        np.testing.assert_array_equal(column[2], expected)


def test_formats(subject):
    with Image.open(io.BytesIO(picture(subject))) as image:
        assert image.format == "PNG" and image.width > 1000
    assert picture(subject, format="pdf").startswith(b"%PDF")
    assert b"<svg" in picture(subject, format="svg")
