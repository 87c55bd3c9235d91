"""Images in, class names out: the ImageNet evaluation protocol around every model."""

from __future__ import annotations

import csv
import operator
import os
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from PIL import Image, ImageOps

# Of ImageNet's training images, RGB, in units of the full range 0..1.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
# The crop is 224 of 256 pixels of the shorter side, and the same share at other sizes.
_RESIZED, _CROPPED = 256, 224
CROP = _CROPPED / _RESIZED


def preprocess_input(x: Any) -> Any:
    """Normalises RGB pixels: (x / 255 - mean) / std with ImageNet's mean and deviation.

    mean = (0.485, 0.456, 0.406), std = (0.229, 0.224, 0.225).

    Arguments:
        x: (..., H, W, 3), values 0 to 255 (not 0 to 1), integers or floats; a NumPy array
            or a TensorFlow (Keras) tensor. Not changed.

    Returns:
        The same shape and kind of tensor, float32 (float64 where `x` is float64).

    Raises:
        ValueError: the last axis is not 3 channels, or there are fewer than 3 axes.
    """
    if type(x).__module__.partition(".")[0] in ("tensorflow", "tf_keras", "keras"):
        import tensorflow as tf

        _check_channels(x.shape)
        dtype = "float64" if x.dtype == tf.float64 else "float32"
        pixels = tf.cast(x, dtype)
    else:
        pixels = np.asarray(x)
        _check_channels(pixels.shape)
        dtype = "float64" if pixels.dtype == np.float64 else "float32"
        pixels = pixels.astype(dtype)
    return (pixels / 255.0 - np.array(MEAN, dtype)) / np.array(STD, dtype)


def _check_channels(shape: Any) -> None:
    # A TensorFlow shape of unknown rank has nothing to check yet, nor an unknown axis.
    if getattr(shape, "rank", 0) is None:
        return
    if len(shape) < 3 or shape[-1] not in (3, None):
        raise ValueError(f"expected RGB images (..., height, width, 3); got shape {tuple(shape)}")


def load_image(path: str | os.PathLike[str], size: int | Sequence[int] = (224, 224)) -> np.ndarray:
    """Reads an image file as ImageNet evaluation does: resize, then centre crop.

    The image is scaled (bicubic, antialiased, aspect ratio kept) until it just covers 256/224
    of `size` = (height, width) in pixels, or one number for a square, and the middle is cut out:
    for 224x224 the shorter side becomes 256. The EXIF orientation is applied, every colour mode
    becomes RGB without transparency, and of an animation the first frame is taken. Of 16 bits the
    upper 8 count; grey of Pillow's mode I (32 bits) has 8 where no value is above 255, else 16.

    Returns:
        uint8 (height, width, 3), values 0 to 255, for `preprocess_input`.

    Raises:
        ValueError: `size` is not one or two positive integers, or the file is missing, no image,
            damaged, or larger than Pillow's limit against decompression bombs.
    """
    height, width = _sides(size)
    if height < 1 or width < 1:
        raise ValueError(f"expected a size of at least 1x1 pixels; got {height}x{width}")
    try:
        with Image.open(path) as file:
            image = _to_rgb(ImageOps.exif_transpose(file))
            return np.array(_resize_and_crop(image, height, width))
    # Pillow's decoders raise nearly everything on damaged files, struct.error to SyntaxError.
    except Exception as error:
        reason = (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip()
        line = f"cannot read image {os.fspath(path)!r}: {reason.splitlines()[0]}"
        raise ValueError(line) from error


def _sides(size: Any) -> tuple[int, int]:
    sides = (size, size) if isinstance(size, (int, np.integer)) else size
    try:
        height, width = map(operator.index, sides)
    except (TypeError, ValueError):
        raise ValueError(
            f"expected size to be (height, width) or the side of a square; got {size!r}"
        ) from None
    return height, width


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Pillow's own conversion clips at 255: of 16 bits it leaves a white image.
        grey = np.clip(np.asarray(image, np.int64), 0, 65535)
        if image.mode != "I" or grey.max() > 255:
            grey >>= 8
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    if image.mode == "F":
        raise ValueError("float pixels have no defined range; expected 8 or 16 bits per channel")
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA")  # straight to RGB, Pillow warns of the lost transparency
    return image.convert("RGB")


def _resize_and_crop(image: Image.Image, height: int, width: int) -> Image.Image:
    cover_h, cover_w = (round(side * _RESIZED / _CROPPED) for side in (height, width))
    source_w, source_h = image.size
    if cover_h * source_w >= cover_w * source_h:
        resized_h, resized_w = cover_h, source_w * cover_h // source_h
    else:
        resized_h, resized_w = source_h * cover_w // source_w, cover_w
    top, left = round((resized_h - height) / 2), round((resized_w - width) / 2)
    # Equals resizing everything, then cropping, but never makes a 256x25600000 image.
    sy, sx = source_h / resized_h, source_w / resized_w
    box = (left * sx, top * sy, (left + width) * sx, (top + height) * sy)
    return image.resize((width, height), Image.Resampling.BICUBIC, box=box)


@lru_cache(maxsize=1)
def imagenet_classes() -> tuple[tuple[str, str], ...]:
    """The 1,000 (wnid, name) in the order of a classifier's outputs; names may repeat."""
    table = files("larq_bvit") / "assets" / "imagenet_classes.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return tuple((row["wnid"], row["name"]) for row in rows)


def decode_predictions(
    preds: Any, top: int = 5, classes: Sequence[str] | None = None
) -> list[list[tuple[str, str, float]]]:
    """The best classes of every sample, best first; of equal scores the lower index first.

    Arguments:
        preds: (N, C) scores, logits or probabilities; returned as they are.
        top: how many classes, all of them where there are fewer.
        classes: C names, for models that do not have ImageNet's 1,000 classes: `model.class_names`
            of the zoo's with trained weights.

    Returns:
        Per sample a list of (wnid, name, score); with `classes` the name is its own wnid.

    Raises:
        ValueError: `preds` is not (N, C) with C the number of classes, or `top` is below 1.
    """
    names = imagenet_classes() if classes is None else tuple((name, name) for name in classes)
    scores = np.asarray(preds)
    if scores.ndim != 2 or scores.shape[1] != len(names):
        hint = "" if classes is not None else "; for other data sets pass classes=model.class_names"
        raise ValueError(f"expected predictions (N, {len(names)}); got {scores.shape}{hint}")
    if top < 1:
        raise ValueError(f"expected top to be at least 1; got {top}")
    order = np.argsort(-scores.astype(np.float64), axis=1, kind="stable")[:, :top]
    return [
        [(*names[index], float(row[index])) for index in best]
        for row, best in zip(scores, order, strict=True)
    ]
