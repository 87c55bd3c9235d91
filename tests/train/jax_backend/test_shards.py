"""A job's images: what is written, and what the runner reads of it."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.data.config import Augmentation, DataConfig
from larq_bvit.train.data.decode import decode, evaluation_image, resize
from larq_bvit.train.jax_backend import runner, shards
from larq_bvit.train.jax_backend.shards import plan_shards, write_shards
from tests.train.data.common import write_image

COUNT = 9


@pytest.fixture
def read(monkeypatch):
    """read(folder, about, "train") as the runner does."""
    monkeypatch.syspath_prepend(str(Path(runner.__file__).parent))
    for name in ("images", "pieces"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import images

    def load(folder, about, split):
        return images.load_images(folder, images.read_index(folder, about)[split])

    load.module = images
    yield load
    for name in ("images", "pieces"):
        sys.modules.pop(name, None)


def files(root, sides):
    """JPEG files of these sides, in two splits."""
    for split in ("train", "val"):
        for k in range(COUNT):
            write_image(root / split / f"class{k % 3}" / f"{k}.jpg", sides[k % len(sides)], seed=k)
    return [tf.io.read_file(str(p)) for p in sorted((root / "train").rglob("*.jpg"))]


def config(root, crop="resized", size=(16, 20), **options):
    augmentation = Augmentation(crop=crop, **options)
    dataset = f"folder:{root}"
    return DataConfig(dataset=dataset, size=size, batch_size=4, augmentation=augmentation)


ONE, SEVERAL = [(24, 28)], [(24, 28), (30, 20)]


@pytest.mark.parametrize(
    ("crop", "sides", "base", "shape", "expected"),
    [
        ("resized", ONE, None, (24, 28), decode),
        ("resized", ONE, (20, 20), (20, 20), lambda e: resize(decode(e), (20, 20), "bilinear")),
        ("resized", SEVERAL, None, (18, 23), lambda e: resize(decode(e), (18, 23), "bilinear")),
        ("padded", SEVERAL, None, (16, 20), lambda e: resize(decode(e), (16, 20), "bicubic")),
        ("centre", SEVERAL, None, (16, 20), lambda e: evaluation_image(e, (16, 20))),
    ],
)
def test_pixels(tmp_path, read, monkeypatch, crop, sides, base, shape, expected):
    monkeypatch.setattr(shards, "PIECE", 6000)
    encoded = files(tmp_path / "images", sides)
    plan = plan_shards(config(tmp_path / "images", crop), base=base)
    write_shards(plan, tmp_path / "data")
    images = read(tmp_path / "data", plan.about(), "train")
    assert images.pixels.shape == (COUNT, *shape, 3) and plan.train.cropped == (crop == "centre")
    np.testing.assert_array_equal(images.pixels, [expected(e) for e in encoded])
    np.testing.assert_array_equal(images.sides, [decode(e).shape[:2] for e in encoded])
    np.testing.assert_array_equal(images.labels, [0, 0, 0, 1, 1, 1, 2, 2, 2])
    some = np.array([7, 0, 7])
    for got, all_of_them in zip(plan.train.batch(some), images, strict=True):
        np.testing.assert_array_equal(got, all_of_them[some])
        assert got.dtype == all_of_them.dtype
    written = [path.stat().st_size for path in (tmp_path / "data").glob("*.npy")]
    assert max(written) <= 6000 and len(written) > 6
    evaluation = read(tmp_path / "data", plan.about(), "evaluation")
    np.testing.assert_array_equal(
        evaluation.pixels, [evaluation_image(e, (16, 20)) for e in encoded]
    )


def test_image_files(tmp_path, read, monkeypatch, capsys):
    monkeypatch.setattr(shards, "PIECE", 6000)
    encoded = files(tmp_path / "images", ONE)
    plan = plan_shards(config(tmp_path / "images"), encoded=True)
    write_shards(plan, tmp_path / "data")
    for split in ("train", "evaluation"):
        images = read(tmp_path / "data", plan.about(), split)
        np.testing.assert_array_equal(images.pixels, [decode(e) for e in encoded])
    assert capsys.readouterr().out == ""  # Pillow decodes to the same pixels
    assert len(list((tmp_path / "data").glob("train-0*.npy"))) > 1


def test_other_images_of_the_same_classes(tmp_path, read):
    files(tmp_path / "a", ONE)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    write_image(tmp_path / "b/train/class2/8.jpg", ONE[0], seed=99)  # the last one
    plan, other = (plan_shards(config(tmp_path / name)) for name in "ab")
    write_shards(plan, tmp_path / "data")
    read(tmp_path / "data", plan.about(), "train")
    with pytest.raises(ValueError, match='expected train to be .*"sample": .*, got .*"sample": '):
        read(tmp_path / "data", other.about(), "train")


def test_other_data(tmp_path, read):
    files(tmp_path / "images", ONE)
    plan = plan_shards(config(tmp_path / "images"))
    write_shards(plan, tmp_path / "data")
    with pytest.raises(ValueError, match="expected classes to be .*, got .*export them with"):
        read(tmp_path / "data", {**plan.about(), "classes": ["cat"]}, "train")


@pytest.mark.parametrize(
    ("sides", "options", "encoded", "message"),
    [
        (SEVERAL, {}, True, "expected images of one size to store their files; got sizes from"),
        (ONE, {"crop": "padded"}, True, "a padded crop resizes images of"),
        (ONE, {"rand_augment": 2}, False, "RandAugment works image by image"),
    ],
)
def test_what_does_not_go(tmp_path, sides, options, encoded, message):
    files(tmp_path / "images", sides)
    with pytest.raises(ValueError, match=message):
        plan_shards(config(tmp_path / "images", **options), encoded=encoded)


def test_a_corrupt_image(tmp_path):
    files(tmp_path / "images", ONE)
    (tmp_path / "images" / "train" / "class1" / "4.jpg").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="4.jpg is no image that can be read"):
        plan_shards(config(tmp_path / "images"))
