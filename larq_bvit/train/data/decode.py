"""An encoded image -> the pixels that the model sees: decoding, crop and resize."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from larq_bvit.train.data.boxes import crop_boxes, crop_places
from larq_bvit.train.data.config import Augmentation

# Pillow's, too; TensorFlow's default is faster by little, and coarser.
_DCT = "INTEGER_ACCURATE"
# Pillow's bilinear and bicubic filters (a = -0.5) under TensorFlow's names.
_KERNELS = {"bilinear": "triangle", "bicubic": "keyscubic"}
# ImageNet's evaluation, as in zoo.load_image: 224 of the 256 pixels of the shorter side.
_RESIZED, _CROPPED = 256, 224

# (encoded images (N,), their draws for the crop (N, 22)) -> uint8 (N, height, width, 3)
Decoder = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def train_decoder(size: tuple[int, int], augmentation: Augmentation) -> Decoder:
    """Decodes a few images and crops them as `augmentation` says."""

    def resized(encoded: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        # All boxes at once: one by one, these many small operations cost more than decoding.
        shapes = tf.map_fn(image_sides, encoded, fn_output_signature=tf.TensorSpec((2,), tf.int32))
        ratio = augmentation.box_ratio(size)
        boxes = crop_boxes(shapes, draws, scale=augmentation.scale, ratio=ratio)
        return each(
            lambda image, box: resize(decode(image, box), size, augmentation.interpolation),
            (encoded, boxes),
            size,
        )

    def padded(encoded: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        return each(
            lambda image, place: _padded(image, size, augmentation.padding, place),
            (encoded, crop_places(draws, augmentation.padding)),
            size,
        )

    def centre(encoded: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        return each(lambda image: evaluation_image(image, size), (encoded,), size)

    return {"resized": resized, "padded": padded, "centre": centre}[augmentation.crop]


def each(
    function: Callable[..., tf.Tensor], rows: tuple[tf.Tensor, ...], size: tuple[int, int]
) -> tf.Tensor:
    """Applies a function that makes uint8 (height, width, 3) to every row."""
    image = tf.TensorSpec((*size, 3), tf.uint8)
    return tf.map_fn(lambda row: function(*row), rows, fn_output_signature=image)


def decode(encoded: tf.Tensor, box: tf.Tensor | None = None) -> tf.Tensor:
    """JPEG (greyscale and CMYK, too), PNG, BMP or the first frame of a GIF -> uint8 (H, W, 3).

    An orientation in the EXIF data is ignored: class folders have applied it (see `upright.py`),
    prepared data sets are trained and evaluated without it by the usual code.

    Arguments:
        box: (top, left, height, width), outside of which a JPEG is not decoded.
    """

    def jpeg() -> tf.Tensor:
        if box is None:
            return tf.io.decode_jpeg(encoded, channels=3, dct_method=_DCT)
        return tf.image.decode_and_crop_jpeg(encoded, box, channels=3, dct_method=_DCT)

    def other() -> tf.Tensor:
        image = tf.io.decode_image(encoded, channels=3, expand_animations=False)
        if box is None:
            return image
        top, left, height, width = tf.unstack(box)
        return image[top : top + height, left : left + width]

    return tf.ensure_shape(tf.cond(tf.io.is_jpeg(encoded), jpeg, other), (None, None, 3))


def image_sides(encoded: tf.Tensor) -> tf.Tensor:
    """(height, width); only a JPEG says so without being decoded."""
    is_jpeg = tf.io.is_jpeg(encoded)
    shape = tf.cond(
        is_jpeg, lambda: tf.io.extract_jpeg_shape(encoded), lambda: tf.shape(decode(encoded))
    )
    return shape[:2]


def resize(image: tf.Tensor, size: tuple[int, int], interpolation: str) -> tf.Tensor:
    """uint8 (h, w, 3) -> uint8 (height, width, 3), antialiased, the ratio not kept."""
    return _sample(image, size, tf.constant(size), tf.zeros(2), _KERNELS[interpolation])


def evaluation_image(encoded: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """ImageNet's evaluation, as `zoo.load_image` without EXIF: uint8 (height, width, 3).

    The image is scaled (bicubic, antialiased, ratio kept) until it just covers 256/224 of the
    size, and the middle is cut out. Columns come first, then rows, with rounding and clipping
    between, because Pillow does so: a value in a hundred differs by 1 of 255, hardly any by 2.
    """
    image = decode(encoded)
    height, width = size
    source_h = tf.shape(image)[0]
    covered, (up, left) = evaluation_geometry(tf.shape(image)[:2], size)
    kernel = _KERNELS["bicubic"]
    columns = [source_h, width], [source_h, covered[1]], [0.0, left]
    rows = [height, width], [covered[0], width], [up, 0.0]
    for part, resized, shift in (columns, rows):
        image = _sample(image, tf.stack(part), tf.stack(resized), tf.stack(shift), kernel)
    return tf.ensure_shape(image, (height, width, 3))


def evaluation_geometry(
    source: tf.Tensor, size: tuple[int, int]
) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
    """Of `evaluation_image`: the size (2,) that an image is scaled to, and its shift in pixels.

    Only the crop is ever computed, by shifting the scaled image up and left.
    """
    source_h, source_w = source[0], source[1]
    cover_h, cover_w = (round(side * _RESIZED / _CROPPED) for side in size)
    covered = tf.where(
        cover_h * source_w >= cover_w * source_h,
        tf.stack([cover_h, source_w * cover_h // source_h]),
        tf.stack([source_h * cover_w // source_w, cover_w]),
    )
    up, left = tf.unstack(-tf.round(tf.cast(covered - tf.constant(size), tf.float32) / 2))
    return covered, (up, left)


def _sample(
    image: tf.Tensor, size: Any, resized: tf.Tensor, shift: tf.Tensor, kernel: str
) -> tf.Tensor:
    scale = tf.cast(resized, tf.float32) / tf.cast(tf.shape(image)[:2], tf.float32)
    pixels = tf.raw_ops.ScaleAndTranslate(
        images=image[None],
        size=size,
        scale=scale,
        translation=shift,
        kernel_type=kernel,
        antialias=True,
    )[0]
    return to_uint8(pixels)


def _padded(encoded: tf.Tensor, size: tuple[int, int], padding: int, place: tf.Tensor) -> tf.Tensor:
    image = decode(encoded)
    fits = tf.reduce_all(tf.shape(image)[:2] == tf.constant(size))
    image = tf.cond(fits, lambda: image, lambda: resize(image, size, "bicubic"))
    image = tf.pad(image, [[padding, padding], [padding, padding], [0, 0]])
    return tf.slice(image, [place[0], place[1], 0], (*size, 3))


def to_uint8(pixels: tf.Tensor) -> tf.Tensor:
    """Rounded to the nearest and clipped to 0 to 255."""
    return tf.cast(tf.clip_by_value(tf.round(pixels), 0.0, 255.0), tf.uint8)
