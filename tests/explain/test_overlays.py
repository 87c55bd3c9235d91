"""Colours over images."""

import numpy as np
import pytest

from larq_bvit.explain.overlays import (
    ATTENDED,
    IGNORED,
    binary_overlay,
    enlarge,
    principal_colours,
    tint,
)


def test_enlarge():
    cells = np.arange(6).reshape(2, 3)
    np.testing.assert_array_equal(enlarge(cells, (6, 6)), np.kron(cells, np.ones((3, 2), int)))
    with pytest.raises(AssertionError):
        enlarge(cells, (6, 7))


def test_tint_shows_the_image_through_the_colours():
    pixels = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    black, white = tint(pixels, np.full((1, 2, 3), 0.5))[0]
    assert (white > black).all() and len(set(black)) == len(set(white)) == 1
    coloured = tint(pixels, np.array([[[1.0, 0, 0], [0, 1.0, 0]]]))
    assert coloured.min() >= 0 and coloured.max() <= 1
    assert coloured.argmax(axis=2).tolist() == [[0, 1]]


def test_binary_overlay_has_two_colours():
    pixels = np.full((4, 6, 3), 90, np.uint8)
    mask = np.array([[True, False, False]])
    shown = binary_overlay(pixels, mask)
    colours = np.where(enlarge(mask, (4, 6))[..., None], ATTENDED, IGNORED)
    np.testing.assert_array_equal(shown, tint(pixels, colours))
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) == 2


def test_principal_colours():
    rng = np.random.default_rng(0)
    # four orthogonal patterns over 8 places, of falling strength, in random directions
    patterns = np.array([[1, 1, 1, 1, -1, -1, -1, -1], [1, 1, -1, -1] * 2, [1, -1] * 4])
    patterns = np.array([*patterns, patterns[0] * patterns[2]])
    directions = np.linalg.qr(rng.normal(size=(5, 4)))[0].T
    strengths = np.array([4, 3, 2, 1])
    features = 7 + (patterns.T * strengths) @ directions
    colours, share = principal_colours(features.reshape(2, 4, 5))
    assert share == pytest.approx((16 + 9 + 4) / (16 + 9 + 4 + 1))
    signs = [np.sign(row[np.abs(row).argmax()]) for row in directions[:3]]
    expected = (1 + patterns[:3].T * signs) / 2
    np.testing.assert_allclose(colours, expected.reshape(2, 4, 3), atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 1, 5), (3, 4, 2)])
def test_colours_of_what_does_not_vary(shape):
    colours, share = principal_colours(np.full(shape, 1 / 3, np.float32))
    assert share == 0 and colours.shape == (*shape[:2], 3) and (colours == 0.5).all()
