"""Tiny image files: class folders, and Tiny-ImageNet's layout."""

import numpy as np
import pytest

from tests.train.data.common import write_image

CLASSES = ("n01", "n02", "n10")


@pytest.fixture
def folder(tmp_path):
    """`train` with 8 images of each of 3 classes, `val` with 3; 18x24 JPEG."""
    for split, count in (("train", 8), ("val", 3)):
        for name in CLASSES:
            for k in range(count):
                write_image(tmp_path / "images" / split / name / f"{k}.jpg", seed=hash_of(name, k))
    return tmp_path / "images"


@pytest.fixture
def tiny_imagenet(tmp_path):
    """The archive's content: 4 training images of each class, 5 validation images."""
    root = tmp_path / "tiny-imagenet-200"
    for name in CLASSES:
        for k in range(4):
            write_image(
                root / "train" / name / "images" / f"{name}_{k}.JPEG", seed=hash_of(name, k)
            )
    lines = []
    for k, name in enumerate(("n10", "n01", "n02", "n01", "n10")):
        write_image(root / "val" / "images" / f"val_{k}.JPEG", seed=100 + k)
        lines.append(f"val_{k}.JPEG\t{name}\t0\t0\t62\t62\n")
    (root / "val" / "val_annotations.txt").write_text("".join(lines))
    (root / "wnids.txt").write_text("n10\nn01\nn02\n")  # not sorted, as in the original
    (root / "words.txt").write_text("n00\tthing\nn01\ttench, Tinca\nn02\tgoldfish\nn10\tbull, ox\n")
    return root


def hash_of(name, k):
    return int(np.frombuffer(name.encode().ljust(4), np.uint32)[0]) + k
