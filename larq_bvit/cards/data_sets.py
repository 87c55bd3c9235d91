"""What the data sets of trained weights are, and what their owners allow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DataSet:
    """A data set that weights were trained on.

    Attributes:
        title: its name and source.
        license: what its owners allow, in a sentence.
    """

    title: str
    license: str


DATA_SETS = {
    "tiny_imagenet": DataSet(
        "Tiny-ImageNet (Stanford CS231n): 200 classes of ImageNet, 500 training and 50 validation "
        "images each, 64x64 pixels, labels in the order of WordNet ids",
        "ImageNet's terms of access: non-commercial research and education",
    ),
    "cifar10": DataSet(
        "CIFAR-10 (Krizhevsky 2009): 10 classes, 50,000 training and 10,000 test images, 32x32 "
        "pixels",
        "its authors ask to be cited and state no licence",
    ),
}
UNKNOWN = DataSet("a data set of the packer's own", "ask who made it")
