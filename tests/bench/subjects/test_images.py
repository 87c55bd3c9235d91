"""Images that ranges are taken from."""

import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from larq_bvit import zoo
from larq_bvit.bench.subjects.images import describe, fingerprint, load_images


@pytest.fixture
def tiny_imagenet(tmp_path):
    """An archive in the layout of tiny-imagenet-200, whose validation images are grey levels."""
    path = tmp_path / "small.tar.xz"
    with tarfile.open(path, "w:xz") as tar:
        for place, name in enumerate(
            [
                "tiny/train/n01/images/n01_0.JPEG",
                *(f"tiny/val/images/val_{i}.JPEG" for i in range(5)),
            ]
        ):
            content = io.BytesIO()
            Image.new("RGB", (64, 64), (40 * place,) * 3).save(content, "JPEG")
            info = tarfile.TarInfo(name)
            info.size = len(content.getvalue())
            content.seek(0)
            tar.addfile(info, content)
        notes = tarfile.TarInfo("tiny/val/val_annotations.txt")
        tar.addfile(notes, io.BytesIO(b""))
    return path


def test_validation_images_of_an_archive(tiny_imagenet, tmp_path):
    images = load_images(tiny_imagenet, 5, 32)
    levels = [zoo.preprocess_input(np.full((1, 1, 3), 40.0 * place)) for place in range(1, 6)]
    assert images.shape == (5, 32, 32, 3) and images.dtype == np.float32
    for image, level in zip(images, levels, strict=True):
        np.testing.assert_allclose(image, np.broadcast_to(level, image.shape), atol=0.05)
    safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # not in Python 3.11.2
    with tarfile.open(tiny_imagenet) as tar:
        tar.extractall(tmp_path / "out", **safe)
    folder = tmp_path / "out" / "tiny" / "val" / "images"
    np.testing.assert_array_equal(load_images(folder, 5, 32), images)


def test_a_choice_of_images_is_always_the_same(tiny_imagenet):
    first, again = (load_images(tiny_imagenet, 3, 16) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_too_few_images(tiny_imagenet, tmp_path):
    with pytest.raises(ValueError, match="at least 6 images in .*; got 5"):
        load_images(tiny_imagenet, 6, 32)
    with pytest.raises(ValueError, match="there is no"):
        load_images(tmp_path / "missing", 1, 32)
    photo = tmp_path / "photo.jpg"
    Image.new("L", (8, 8)).save(photo)
    with pytest.raises(ValueError, match="expected a folder or a .tar of images; .*photo.jpg: "):
        load_images(photo, 1, 32)


def test_other_images_have_another_fingerprint(tiny_imagenet, tmp_path):
    folders = [tmp_path / name / "val" for name in ("cats", "rays")]
    for level, folder in enumerate(folders):
        folder.mkdir(parents=True)
        Image.new("L", (8 + level, 8)).save(folder / "0.png")
    found = {fingerprint(source) for source in (*folders, tiny_imagenet, None)}
    assert len(found) == 4 and fingerprint(folders[0]) in found
    before = fingerprint(folders[0])
    Image.new("L", (8, 9)).save(folders[0] / "1.png")
    assert fingerprint(folders[0]) != before


def test_images_are_named_without_folders(tiny_imagenet, tmp_path):
    assert describe(tiny_imagenet, 5) == "5 validation images of small.tar.xz"
    assert describe(tmp_path, 5) == f"5 images of {tmp_path.name}"
    assert "photograph" in describe(None, 5)
