"""Data sets by name."""

from __future__ import annotations

from larq_bvit.train.data.config import DataConfig
from larq_bvit.train.data.folder import folder_source
from larq_bvit.train.data.source import Source
from larq_bvit.train.data.spec import parse_folder, parse_tfds
from larq_bvit.train.data.tfds_source import tfds_source


def open_sources(config: DataConfig) -> tuple[Source, Source]:
    """The sources to train on and to evaluate on.

    Raises:
        ImportError, ValueError: as `folder_source` and `tfds_source`, or their classes differ, or
            all images of a folder are to train on and none are left for evaluation.
    """
    folder = parse_folder(config.dataset)
    if config.evaluation is None and folder and folder.split == "all":
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
    folder = parse_folder(spec)
    if folder:
        return folder_source(folder.path, folder.split or split, config.holdout)
    tfds = parse_tfds(spec)
    return tfds_source(
        tfds.name,
        tfds.split or split,
        data_dir=config.data_dir,
        manual_dir=config.manual_dir,
        memory=config.memory,
    )


def _name(spec: str) -> str:
    """Without the split."""
    folder = parse_folder(spec)
    return f"folder:{folder.path}" if folder else parse_tfds(spec).name
