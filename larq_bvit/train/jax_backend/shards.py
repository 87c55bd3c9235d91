"""A data set's images as a job carries them: uint8 pixels of one size, or image files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.train.data.config import DataConfig
from larq_bvit.train.data.decode import decode, evaluation_image, image_sides, resize
from larq_bvit.train.data.source import Source
from larq_bvit.train.data.sources import open_sources
from larq_bvit.train.jax_backend.runner.pieces import PIECE, save_array, write_text

INDEX = "data.json"
_HEADER = 1024  # bytes, more than a .npy file's header takes
# of the size, like the image that evaluation cuts its middle from
_BASE = 256 / 224
_SAMPLE = 1000  # images that tell one data set from another


@dataclass(frozen=True)
class Split:
    """One split, and the form that its images are stored in.

    Attributes:
        source: of encoded images.
        sides: int32 (N, 2), height and width of every one.
        shape: (H, W) of the stored ones.
        cropped: whether they are final crops.
        encoded: whether they are stored as the files that they are.
        prepare: an encoded image -> uint8 (H, W, 3).
    """

    source: Source
    sides: np.ndarray
    shape: tuple[int, int]
    cropped: bool
    encoded: bool
    prepare: Callable[[tf.Tensor], tf.Tensor]

    def batch(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pixels uint8 (B, H, W, 3), sides int32 (B, 2) and labels int32 (B,), as stored."""
        files, labels = zip(*(self.source[int(k)] for k in indices), strict=True)
        pixels = np.stack([self.prepare(tf.constant(file)).numpy() for file in files])
        return pixels, self.sides[indices], np.array(labels, np.int32)

    def about(self) -> dict[str, Any]:
        """What a job and its data must agree on."""
        return {
            "examples": len(self.source),
            "shape": [*self.shape, 3],
            "cropped": self.cropped,
            "encoded": self.encoded,
            "sample": self._sample(),
        }

    def _sample(self) -> str:
        """A checksum of images and labels from all over the split."""
        count = len(self.source)
        known = hashlib.sha256()
        for k in np.linspace(0, count - 1, min(count, _SAMPLE)).astype(int).tolist():
            image, label = self.source[k]
            known.update(b"%d %d %b" % (label, len(image), image))
        return known.hexdigest()[:16]


@dataclass(frozen=True)
class Shards:
    """Both splits of a data set, to be exported."""

    train: Split
    evaluation: Split

    def about(self) -> dict[str, Any]:
        """What a job and its data must agree on, for JSON."""
        return {
            "classes": list(self.train.source.classes),
            "train": self.train.about(),
            "evaluation": self.evaluation.about(),
        }


def plan_shards(
    config: DataConfig, *, encoded: bool = False, base: tuple[int, int] | None = None
) -> Shards:
    """Looks at all images of a data set, and decides how they are stored.

    Images for evaluation are stored as the final crops. So are those to train on where the recipe
    crops the middle; with a padded crop they have the recipe's size. For a resized crop they keep
    their own size if all have the same, and else get `base`, while boxes are still drawn in their
    own: what is lost is detail beyond it.

    Arguments:
        encoded: image files are stored as they are, which takes less space; their decoder must
            then be where the job runs. All images must have one size.
        base: (height, width) to store images for a resized crop in; 8/7 of the recipe's size.

    Raises:
        ValueError: images have several sizes where one is needed, or cannot be read.
        ImportError: as `open_sources`.
    """
    if config.augmentation.rand_augment:
        raise ValueError(
            "RandAugment works image by image in TensorFlow, and has no form for JAX: train with "
            "--set data.augmentation.rand_augment=0, or by TensorFlow"
        )
    train, evaluation = open_sources(config)
    sides = [_sides(source) for source in (train, evaluation)]
    if encoded:
        files = [
            _files(source, own) for source, own in zip((train, evaluation), sides, strict=True)
        ]
        if config.augmentation.crop == "padded" and files[0].shape != config.size:
            raise ValueError(
                f"a padded crop resizes images of {files[0].shape} to {config.size} first: export "
                "pixels instead of files"
            )
        return Shards(*files)

    def crop(image: tf.Tensor) -> tf.Tensor:
        return evaluation_image(image, config.size)

    cropped = Split(evaluation, sides[1], config.size, True, False, crop)
    return Shards(_pixels(train, sides[0], config, base, crop), cropped)


def _files(source: Source, sides: np.ndarray) -> Split:
    shape = _one_size(sides)
    if shape is None:
        raise ValueError(
            "expected images of one size to store their files; "
            f"got sizes from {sides.min(0).tolist()} to {sides.max(0).tolist()}: "
            "export pixels instead"
        )
    return Split(source, sides, shape, False, True, decode)


def _pixels(
    source: Source,
    sides: np.ndarray,
    config: DataConfig,
    base: tuple[int, int] | None,
    crop: Callable[[tf.Tensor], tf.Tensor],
) -> Split:
    kind = config.augmentation.crop
    if kind == "centre":
        return Split(source, sides, config.size, True, False, crop)
    own = _one_size(sides)
    if kind == "padded":
        shape, interpolation = config.size, "bicubic"  # as the pipeline does
    elif own is not None and base is None:
        shape, interpolation = own, "bilinear"
    else:
        wide = round(config.size[0] * _BASE), round(config.size[1] * _BASE)
        shape, interpolation = base or wide, "bilinear"

    def prepare(encoded: tf.Tensor) -> tf.Tensor:
        image = decode(encoded)
        fits = tf.reduce_all(tf.shape(image)[:2] == tf.constant(shape))
        return tf.cond(fits, lambda: image, lambda: resize(image, shape, interpolation))

    return Split(source, sides, shape, False, False, prepare)


def write_shards(shards: Shards, folder: Path) -> None:
    """Writes a job's data, in files of at most 14 MiB.

    Raises:
        ValueError: an image cannot be read; says which.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index = {
        "about": shards.about(),
        "train": _write(shards.train, folder, "train"),
        "evaluation": _write(shards.evaluation, folder, "evaluation"),
    }
    write_text(folder / INDEX, json.dumps(index, indent=1))


def _write(split: Split, folder: Path, name: str) -> dict[str, Any]:
    labels = np.array([split.source[k][1] for k in range(len(split.source))], np.int32)
    lengths = None
    if split.encoded:
        sizes = np.array([len(split.source[k][0]) for k in range(len(labels))], np.int64)
        lengths = save_array(folder / f"{name}-lengths.npy", sizes)
        ends = np.cumsum(sizes) // (PIECE - _HEADER - sizes.max(initial=0))
        groups = np.split(np.arange(len(labels)), np.flatnonzero(np.diff(ends)) + 1)
    else:
        count = max(1, (PIECE - _HEADER) // (split.shape[0] * split.shape[1] * 3))
        groups = np.split(np.arange(len(labels)), range(count, len(labels), count))
    pixels, shards = _prepared(split), []
    for number, group in enumerate(groups):
        images = np.stack([next(pixels) for _ in group])
        content = images
        if split.encoded:
            files = b"".join(split.source[int(k)][0] for k in group)
            content = np.frombuffer(files, np.uint8)
        entry = save_array(folder / f"{name}-{number:05}.npy", content)
        digest = hashlib.sha256(images).hexdigest()
        shards.append({**entry, "examples": len(group), "pixels": digest})
    drawn_in_stored = bool((split.sides == split.shape).all())
    return {
        "shape": [*split.shape, 3],
        "labels": save_array(folder / f"{name}-labels.npy", labels),
        "lengths": lengths,
        "sides": None if drawn_in_stored else save_array(folder / f"{name}-sides.npy", split.sides),
        "shards": shards,
    }


def _sides(source: Source) -> np.ndarray:
    return np.stack(list(_mapped(source, image_sides)))


def _prepared(split: Split) -> Iterator[np.ndarray]:
    shape = (*split.shape, 3)
    return _mapped(split.source, lambda image: tf.ensure_shape(split.prepare(image), shape))


def _mapped(source: Source, function: Callable[[tf.Tensor], tf.Tensor]) -> Iterator[np.ndarray]:
    """A function of every encoded image, in order, by all cores."""
    encoded = tf.data.Dataset.from_generator(
        lambda: (source[k][0] for k in range(len(source))),
        output_signature=tf.TensorSpec((), tf.string),
    )
    results = encoded.map(function, tf.data.AUTOTUNE, deterministic=True)
    done = 0
    try:
        for result in results.as_numpy_iterator():
            yield result
            done += 1
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(
            f"{source.name(done)} is no image that can be read; remove it: a job has no substitutes"
        ) from error


def _one_size(sides: np.ndarray) -> tuple[int, int] | None:
    """The (height, width) of all, if it is the same."""
    return (int(sides[0, 0]), int(sides[0, 1])) if (sides == sides[0]).all() else None
