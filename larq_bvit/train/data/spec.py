"""What the name of a data set says."""

from __future__ import annotations

import re
from typing import NamedTuple

# A path may hold colons (C:\images), so only these words after one are a split.
_FOLDER = re.compile(r"folder:(?P<path>.+?)(?::(?P<split>train|val|valid|validation|test|all))?")
# A version may follow a slash, or a colon as TensorFlow Datasets has it.
_VERSION = r"[\d*]+\.[\d*]+\.[\d*]+"
_TFDS = re.compile(rf"(?P<name>[^:]+?)(?:[/:](?P<version>{_VERSION}))?(?::(?P<split>.+))?")


class Folder(NamedTuple):
    """`folder:PATH[:SPLIT]`."""

    path: str
    split: str | None


class Tfds(NamedTuple):
    """`NAME[/VERSION][:SPLIT]`; the name with its version as TensorFlow Datasets writes it."""

    name: str
    split: str | None


def parse_folder(spec: str) -> Folder | None:
    """None of other data sets."""
    folder = _FOLDER.fullmatch(spec)
    return Folder(folder["path"], folder["split"]) if folder else None


def parse_tfds(spec: str) -> Tfds:
    """Raises:
    ValueError: it is no such name.
    """
    parts = _TFDS.fullmatch(spec)
    if parts is None:
        raise ValueError(f"expected NAME[/VERSION][:SPLIT] or folder:PATH[:SPLIT]; got {spec!r}")
    version = f":{parts['version']}" if parts["version"] else ""
    return Tfds(parts["name"] + version, parts["split"])
