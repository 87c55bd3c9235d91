"""A job's images, from its shards into memory."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pieces import DamagedError, load_array

INDEX = "data.json"


class Images(NamedTuple):
    """One split; N images."""

    pixels: np.ndarray  # uint8 (N, H, W, 3)
    sides: np.ndarray  # int32 (N, 2), height and width of the original images
    labels: np.ndarray  # int32 (N,)


def read_index(folder: Path, expected: Mapping[str, Any]) -> dict[str, Any]:
    """What the folder of the shards holds.

    Arguments:
        expected: what the job says of its data.

    Raises:
        DamagedError: there are no data, or those of other classes, sizes or numbers.
    """
    try:
        index: dict[str, Any] = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedError(f"no data in {folder}: {error}") from None
    for name, value in expected.items():
        if index["about"].get(name) != value:
            raise DamagedError(
                f"the data in {folder} are not this job's: expected {name} to be {_short(value)}, "
                f"got {_short(index['about'].get(name))}; export them with the job's recipe"
            )
    return index


def load_images(folder: Path, split: Mapping[str, Any]) -> Images:
    """Reads one split, and decodes it where it holds image files.

    Raises:
        DamagedError: a shard is missing or another one.
        ImportError: there are image files to decode, and no Pillow.
    """
    labels = load_array(folder, split["labels"])
    shape = tuple(split["shape"])
    pixels = np.empty((len(labels), *shape), np.uint8)
    lengths = load_array(folder, split["lengths"]) if split["lengths"] else None
    start = 0
    for shard in split["shards"]:
        content, place = load_array(folder, shard), slice(start, start + shard["examples"])
        if lengths is None:
            pixels[place] = content
        else:
            _decode(content, lengths[place], pixels[place])
        if hashlib.sha256(pixels[place].data).hexdigest() != shard["pixels"]:
            print(f"note: {shard['file']} decodes to other pixels here than where it was made")
        start = place.stop
    if split["sides"]:
        sides = load_array(folder, split["sides"])
    else:
        sides = np.tile(np.array(shape[:2], np.int32), (len(labels), 1))
    return Images(pixels, sides, labels)


def hollow_images(about: Mapping[str, Any]) -> Images:
    """A split's shapes, in zeros that take no memory; of what a job knows of its data."""
    count = about["examples"]
    return Images(
        np.broadcast_to(np.uint8(0), (count, *about["shape"])),
        np.broadcast_to(np.int32(0), (count, 2)),
        np.broadcast_to(np.int32(0), (count,)),
    )


def _decode(content: np.ndarray, lengths: np.ndarray, pixels: np.ndarray) -> None:
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("these data are image files: pip install pillow") from error
    ends = np.cumsum(lengths)

    def decode(number: int) -> None:
        encoded = content[ends[number] - lengths[number] : ends[number]].tobytes()
        pixels[number] = np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(decode, range(len(lengths))))


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 120 else f"{text[:100]}... ({len(value)})"
