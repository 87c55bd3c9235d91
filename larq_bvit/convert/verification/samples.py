"""Images to verify on when a user gives none."""

from __future__ import annotations

from importlib.resources import as_file, files

import numpy as np
from PIL import Image


def sample_images(count: int, height: int, width: int, channels: int) -> np.ndarray:
    """Different parts of the photograph that comes with the package.

    Returns:
        uint8 (count, height, width, channels): RGB, or grey for one channel; further channels
        repeat these.
    """
    with as_file(files("larq_bvit") / "assets" / "cat.jpg") as path, Image.open(path) as image:
        photograph = image.convert("RGB")
    rng = np.random.default_rng(0)
    mode = "L" if channels == 1 else "RGB"
    parts = [_part(photograph, (width, height), rng).convert(mode) for _ in range(count)]
    images = np.stack([np.asarray(part) for part in parts])
    images = images.reshape(count, height, width, -1)
    return np.ascontiguousarray(images[..., np.arange(channels) % images.shape[-1]])


def _part(photograph: Image.Image, size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """A random part of at least a third of both sides, scaled to (width, height)."""
    share = rng.uniform(1 / 3, 1, 2)
    part = share * photograph.size
    corner = rng.uniform(0, 1, 2) * (photograph.size - part)
    box = (*corner, *(corner + part))
    return photograph.resize(size, Image.Resampling.BICUBIC, box=box)
