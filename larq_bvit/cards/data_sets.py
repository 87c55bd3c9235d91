"""What the data sets of trained weights are, and what their owners allow."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from larq_bvit.train.data.spec import parse_folder


@dataclass(frozen=True)
class DataSet:
    """A data set that weights were trained on.

    Attributes:
        title: its name and source.
        license: what its owners allow, in a sentence.
    """

    title: str
    license: str


_IMAGENET = "ImageNet's terms of access: non-commercial research and education"
DATA_SETS = {
    "tiny_imagenet": DataSet(
        "Tiny-ImageNet (Stanford CS231n): 200 classes of ImageNet, 500 training and 50 validation "
        "images each, 64x64 pixels, labels in the order of WordNet ids",
        _IMAGENET,
    ),
    "cifar10": DataSet(
        "CIFAR-10 (Krizhevsky 2009): 10 classes, 50,000 training and 10,000 test images, 32x32 "
        "pixels",
        "its authors ask to be cited and state no licence",
    ),
    "imagenet2012": DataSet(
        "ImageNet (ILSVRC 2012, Russakovsky et al. 2015): 1,000 classes, 1,281,167 training and "
        "50,000 validation images",
        _IMAGENET,
    ),
}
UNKNOWN = DataSet("a data set of the packer's own", "ask who made it")


def identified(source: str, name: str | None) -> tuple[str, DataSet]:
    """Name and facts of the data set that a recipe names.

    What a folder holds, only who packs can say: its name makes it no known data set.

    Arguments:
        source: `DataConfig.dataset`, such as `cifar10/3.*.*:train[:90%]` or `folder:PATH:train`.
        name: what the data set is called; by default as the source, or the folder, is.
    """
    folder = parse_folder(source)
    if folder is not None:
        return name or _folder_name(folder.path), DATA_SETS.get(name or "", UNKNOWN)
    kind = re.split("[:/]", source)[0]  # without version and split
    return name or kind, DATA_SETS.get(kind, UNKNOWN)


def _folder_name(path: str) -> str:
    """`my_photos` of `../my photos`."""
    name = Path(os.path.abspath(os.path.expanduser(path))).name
    return re.sub(r"[^\w.-]+", "_", name)
