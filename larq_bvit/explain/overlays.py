"""Pictures of the size of an image, made from it and from what lies over it."""

import numpy as np

# How much of the colour shows, the rest is the image in grey.
_OPACITY = 0.68
ATTENDED, IGNORED = (0.98, 0.66, 0.15), (0.13, 0.19, 0.33)
_GREY = 0.3, 0.8  # what black and white become: little contrast keeps the colours readable


def enlarge(cells: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Each cell (h, w, ...) as the rectangle that it covers in an image of `size` = (H, W)."""
    for axis in range(2):
        factor, rest = divmod(size[axis], cells.shape[axis])
        assert rest == 0, "grids divide the image"
        cells = np.repeat(cells, factor, axis)
    return cells


def tint(pixels: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """RGB colours, 0 to 1, over uint8 pixels in grey, both (H, W, 3) -> (H, W, 3), 0 to 1."""
    luma = pixels @ np.array([0.299, 0.587, 0.114]) / 255
    low, high = _GREY
    grey = (low + (high - low) * luma)[..., None]
    return _OPACITY * colours + (1 - _OPACITY) * grey


def binary_overlay(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`ATTENDED` where `mask` (h, w) is, else `IGNORED`, over the image."""
    colours = np.where(mask[..., None], ATTENDED, IGNORED)
    return tint(pixels, enlarge(colours, pixels.shape[:2]))


def principal_colours(features: np.ndarray) -> tuple[np.ndarray, float]:
    """A map's first three principal components as red, green and blue.

    The components are of the map's own places; each is scaled to 0..1, and its sign is such
    that its largest loading is positive. One that does not vary is 0.5.

    Arguments:
        features: (H, W, C).

    Returns:
        (H, W, 3), 0 to 1, and the share of the variance that the three have (0 where there is
        no variance).
    """
    height, width, channels = features.shape
    rows = features.reshape(-1, channels).astype(np.float64)
    rounding = 1e-6 * np.linalg.norm(rows)  # of float32
    rows = rows - rows.mean(axis=0)
    scores, strengths, loadings = np.linalg.svd(rows, full_matrices=False)
    colours = np.full((height * width, 3), 0.5)
    varying = strengths > rounding
    for i in np.flatnonzero(varying[:3]):
        sign = np.sign(loadings[i][np.abs(loadings[i]).argmax()])
        one = scores[:, i] * sign
        colours[:, i] = (one - one.min()) / (one.max() - one.min())
    variance = (strengths**2).sum()
    share = float((strengths[:3] ** 2).sum() / variance) if varying.any() else 0.0
    return colours.reshape(height, width, 3), share
