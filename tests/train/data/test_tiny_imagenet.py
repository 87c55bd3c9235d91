"""Tiny-ImageNet in its layout, from a folder and from archives, through TensorFlow Datasets."""

import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("tensorflow_datasets")

from larq_bvit.train import DataConfig  # noqa: E402
from larq_bvit.train.data.sources import open_sources  # noqa: E402
from larq_bvit.train.data.tiny_imagenet import locate  # noqa: E402


def config(data_dir, raw):
    return DataConfig(
        dataset="tiny_imagenet",
        size=(8, 8),
        batch_size=2,
        data_dir=str(data_dir),
        manual_dir=str(raw),
    )


@pytest.fixture(params=["folder", "parent", "zip", "xztar", "folder of a zip"])
def raw(request, tiny_imagenet, tmp_path):
    if request.param == "folder":
        return tiny_imagenet
    if request.param == "parent":
        return tiny_imagenet.parent
    kind = "xztar" if request.param == "xztar" else "zip"
    (tmp_path / "packed").mkdir()
    name = str(tmp_path / "packed" / tiny_imagenet.name)
    archive = shutil.make_archive(name, kind, tiny_imagenet.parent, tiny_imagenet.name)
    return archive if "folder" not in request.param else tmp_path / "packed"


def test_reads_images_labels_and_words(raw, tiny_imagenet, tmp_path):
    train, validation = open_sources(config(tmp_path / "data", raw))
    assert train.classes == ("tench", "goldfish", "bull")  # by wnid
    assert (len(train), len(validation)) == (12, 5)
    wnids = ("n01", "n02", "n10")
    seen = set()
    for index in range(12):
        encoded, label = train[index]
        file = train.name(index).split()[-1]
        assert file.startswith(wnids[label])
        assert encoded == (tiny_imagenet / "train" / wnids[label] / "images" / file).read_bytes()
        seen.add(file)
    assert len(seen) == 12
    expected = {"val_0.JPEG": 2, "val_1.JPEG": 0, "val_2.JPEG": 1, "val_3.JPEG": 0, "val_4.JPEG": 2}
    found = {validation.name(k).split()[-1]: validation[k] for k in range(5)}
    assert {name: label for name, (_, label) in found.items()} == expected
    for name, (encoded, _) in found.items():
        assert encoded == (tiny_imagenet / "val" / "images" / name).read_bytes()


def test_prepared_once_the_archive_is_not_needed(tiny_imagenet, tmp_path):
    open_sources(config(tmp_path / "data", tiny_imagenet))
    again = open_sources(config(tmp_path / "data", tmp_path / "gone"))
    assert [len(source) for source in again] == [12, 5]


def test_a_version_may_be_named(tiny_imagenet, tmp_path):
    own = replace(config(tmp_path / "data", tiny_imagenet), dataset="tiny_imagenet/1.0.0")
    assert len(open_sources(own)[0]) == len(open_sources(config(tmp_path / "data", None))[0])


def test_python_without_filters_for_tar(tiny_imagenet, tmp_path, monkeypatch):
    """As that of Debian 12: 3.11.2."""
    monkeypatch.delattr(tarfile, "data_filter", raising=False)
    monkeypatch.setattr(tarfile.TarFile, "extractall", None)
    name = str(tmp_path / tiny_imagenet.name)
    archive = Path(shutil.make_archive(name, "xztar", tiny_imagenet.parent, tiny_imagenet.name))
    root = locate(archive, tmp_path / "out")
    for file in tiny_imagenet.rglob("*.*"):
        assert (root / file.relative_to(tiny_imagenet)).read_bytes() == file.read_bytes()
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    for member in (link, tarfile.TarInfo("/absolute"), tarfile.TarInfo("a/../../b")):
        with tarfile.open(tmp_path / "bad.tar", "w") as tar:
            tar.addfile(member)
        with pytest.raises(ValueError, match=f"files and folders alone in .*; got {member.name}"):
            locate(tmp_path / "bad.tar", tmp_path / "bad")
        assert not (tmp_path / "bad" / "bad.tar.10240").exists()


def test_what_is_no_tiny_imagenet(tmp_path):
    (tmp_path / "x.rar").write_bytes(b"")
    for path in (tmp_path, tmp_path / "x.rar", tmp_path / "missing"):
        with pytest.raises(ValueError, match="expected Tiny-ImageNet at .*wnids.txt"):
            locate(path, tmp_path)
