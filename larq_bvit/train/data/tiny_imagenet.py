"""Tiny-ImageNet (Stanford CS231n) for TensorFlow Datasets: 200 classes, 64x64 pixels."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import tensorflow_datasets as tfds

_URL = "http://cs231n.stanford.edu/tiny-imagenet-200.zip"
_BYTES = 248_100_043
_SHA256 = "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821"
_ROOT = "tiny-imagenet-200"
_ARCHIVES = (".zip", ".tar.xz", ".tar.gz", ".tgz", ".tar.bz2", ".tar")


class TinyImagenet(tfds.core.GeneratorBasedBuilder):
    """`train`: 500 images of each class; `validation`: 50. The test images have no labels.

    Labels count the classes in the order of their WordNet ids; their names are words.
    """

    VERSION = tfds.core.Version("1.0.0")
    # TensorFlow Datasets checks the download against it.
    url_infos = {
        _URL: tfds.download.checksums.UrlInfo(
            size=_BYTES, checksum=_SHA256, filename=Path(_URL).name
        )
    }

    def __init__(self, *, archive: str | None = None, **arguments: Any) -> None:
        """Reads `archive` (see `locate`); without it, the official one is downloaded."""
        self._archive = archive
        super().__init__(**arguments)

    def _info(self) -> tfds.core.DatasetInfo:
        features = {
            "id": tfds.features.Text(),
            "image": tfds.features.Image(encoding_format="jpeg"),
            "label": tfds.features.ClassLabel(),  # its names are in the archive
        }
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict(features),
            supervised_keys=("image", "label"),
            homepage=_URL,
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        if self._archive is None:
            root = locate(Path(dl_manager.download_and_extract(_URL)), Path())
        else:
            root = locate(Path(self._archive), Path(dl_manager.download_dir) / "extracted")
        wnids = sorted((root / "wnids.txt").read_text().split())
        words = _table(root / "words.txt")
        label = self.info.features["label"]
        if label.num_classes is None:
            label.names = [words[wnid][0].split(",")[0] for wnid in wnids]
        number = {wnid: k for k, wnid in enumerate(wnids)}
        return {"train": _train(root, number), "validation": _validation(root, number)}

    def _generate_examples(self) -> None:
        raise AssertionError("the splits bring their own examples")


def locate(path: Path, unpack_to: Path) -> Path:
    """The folder that holds `wnids.txt`, `train` and `val`.

    Arguments:
        path: that folder, one with `tiny-imagenet-200` in it, an archive (.zip, .tar.xz, ...)
            of either, or a folder that holds the archive.
        unpack_to: where an archive is unpacked, in a folder of its own.

    Raises:
        ValueError: it is none of these.
    """
    for folder in (path, path / _ROOT):
        if (folder / "wnids.txt").is_file():
            return folder
    archives = [path] if path.is_file() else sorted(path.glob(f"{_ROOT}.*"))
    archives = [archive for archive in archives if archive.name.endswith(_ARCHIVES)]
    if not archives:
        raise ValueError(
            f"expected Tiny-ImageNet at {str(path)!r}: a folder with wnids.txt, train and val, "
            f"or an archive ({', '.join(_ARCHIVES)})"
        )
    archive = archives[0]
    unpacked = unpack_to / f"{archive.name}.{archive.stat().st_size}"
    if not unpacked.exists():
        partial = unpacked.with_name(f"{unpacked.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        _unpack(archive, partial)
        partial.rename(unpacked)
    return locate(unpacked, unpack_to)


def _unpack(archive: Path, folder: Path) -> None:
    """Nothing out of the folder; for .zip this is so anyway.

    Raises:
        ValueError: a member of the archive is no regular file or folder inside of it.
    """
    if archive.suffix == ".zip":
        shutil.unpack_archive(archive, folder)
        return
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(folder, filter="data")
            return
        # Python 3.10 before 3.10.12, 3.11 before 3.11.4, as in Debian 12
        for member in tar:
            path = PurePosixPath(member.name)
            inside = not path.is_absolute() and ".." not in path.parts
            if not inside or not (member.isfile() or member.isdir()):
                raise ValueError(f"expected files and folders alone in {archive}; got {path}")
            tar.extract(member, folder, set_attrs=False)


def _table(file: Path) -> dict[str, list[str]]:
    """{first column: the others}, of lines of columns between tabs."""
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines())
    return {first: others for first, *others in rows}


def _train(root: Path, number: dict[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:
    for wnid in number:
        for file in sorted((root / "train" / wnid / "images").iterdir()):
            yield _example(file, number[wnid])


def _validation(root: Path, number: dict[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, (wnid, *_) in _table(root / "val" / "val_annotations.txt").items():
        yield _example(root / "val" / "images" / name, number[wnid])


def _example(file: Path, label: int) -> tuple[str, dict[str, Any]]:
    return file.name, {"id": file.name, "image": str(file), "label": label}
