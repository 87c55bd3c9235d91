"""Data sets by name."""

from __future__ import annotations

import re

from larq_bvit.train.data.config import DataConfig
from larq_bvit.train.data.folder import folder_source
from larq_bvit.train.data.source import Source
from larq_bvit.train.data.tfds_source import tfds_source

# A path may hold colons (C:\images), so only these words after one are a split.
_FOLDER = re.compile(r"folder:(?P<path>.+?)(?::(?P<split>train|val|valid|validation|test|all))?")
# A version may follow a slash, or a colon as TensorFlow Datasets has it.
_VERSION = r"[\d*]+\.[\d*]+\.[\d*]+"
_TFDS = re.compile(rf"(?P<name>[^:]+?)(?:[/:](?P<version>{_VERSION}))?(?::(?P<split>.+))?")


def open_sources(config: DataConfig) -> tuple[Source, Source]:
    """The sources to train on and to evaluate on.

    Raises:
        ImportError, ValueError: as `folder_source` and `tfds_source`, or their classes differ, or
            all images of a folder are to train on and none are left for evaluation.
    """
    folder = _FOLDER.fullmatch(config.dataset)
    if config.evaluation is None and folder and folder["split"] == "all":
        raise ValueError(
            f"{config.dataset!r} trains on all images: expected data.evaluation to name others"
        )
    train = open_source(config.dataset, "train", config)
    evaluation = open_source(config.evaluation or _name(config.dataset), "evaluation", config)
    if train.classes != evaluation.classes:
        extra = sorted(set(train.classes) ^ set(evaluation.classes))
        raise ValueError(
            f"expected the same classes for training and evaluation; got {len(train.classes)} and "
            f"{len(evaluation.classes)}, not in both: {', '.join(extra[:10]) or 'none'}"
        )
    return train, evaluation


def open_source(spec: str, split: str, config: DataConfig) -> Source:
    """Opens `folder:PATH[:SPLIT]` or `NAME[/VERSION][:SPLIT]`; without SPLIT, `split`."""
    folder = _FOLDER.fullmatch(spec)
    if folder:
        return folder_source(folder["path"], folder["split"] or split, config.holdout)
    name, own = _tfds_name(spec)
    return tfds_source(
        name,
        own or split,
        data_dir=config.data_dir,
        manual_dir=config.manual_dir,
        memory=config.memory,
    )


def folder_path(spec: str) -> str | None:
    """The path of a folder, without the split; None of other data sets."""
    folder = _FOLDER.fullmatch(spec)
    return folder["path"] if folder else None


def _name(spec: str) -> str:
    """Without the split."""
    path = folder_path(spec)
    return f"folder:{path}" if path is not None else _tfds_name(spec)[0]


def _tfds_name(spec: str) -> tuple[str, str | None]:
    """(name with version as TensorFlow Datasets writes it, split)."""
    parts = _TFDS.fullmatch(spec)
    if parts is None:
        raise ValueError(f"expected NAME[/VERSION][:SPLIT] or folder:PATH[:SPLIT]; got {spec!r}")
    version = f":{parts['version']}" if parts["version"] else ""
    return parts["name"] + version, parts["split"]
