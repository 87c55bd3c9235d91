"""Images to compare on: of Tiny ImageNet's archive, of a folder, or of the shipped photograph."""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

import numpy as np

_SUFFIXES = (".jpeg", ".jpg", ".png")


def load_images(source: Path | None, count: int, size: int | tuple[int, int]) -> np.ndarray:
    """Normalised images (count, height, width, 3), a random choice that is always the same.

    Arguments:
        source: a .tar archive, compressed or not, in the layout of tiny-imagenet-200, of which
            the validation images are taken; a folder, with all images below it; None for parts
            of the photograph that comes with the package.
        count: how many.
        size: (height, width) in pixels, or one number for both; images are resized and cropped
            as for evaluation.

    Raises:
        ValueError: there is no such file, it is no archive, or holds too few images.
    """
    height_width = (size, size) if isinstance(size, int) else size
    from larq_bvit import zoo  # with TensorFlow: `describe` is quick
    from larq_bvit.convert.verification.samples import sample_images

    if source is None:
        return zoo.preprocess_input(sample_images(count, *height_width, 3))
    if source.is_dir():
        return _load(_choose(_images_below(source), count, source), height_width)
    if not source.is_file():
        raise ValueError(f"expected a folder or an archive of images; there is no {source}")
    with tempfile.TemporaryDirectory() as folder:
        _unpack_validation(source, Path(folder))
        return _load(_choose(_images_below(Path(folder)), count, source), height_width)


def describe(source: Path | None, count: int) -> str:
    """Which images these are, without the user's paths."""
    if source is None:
        return f"{count} parts of the photograph that comes with the package"
    kind = "images" if source.is_dir() else "validation images"
    return f"{count} {kind} of {source.name}"


def fingerprint(source: Path | None) -> str:
    """Differs where the images may: of their names, sizes and times; nothing is read."""
    if source is None:
        return ""
    files = _images_below(source) if source.is_dir() else [source]
    told = [(file.name, *_state(file)) for file in files if file.is_file()]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _state(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_size, found.st_mtime_ns


def _images_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)


def _unpack_validation(archive: Path, folder: Path) -> None:
    """All images `.../val/...` as flat files, in one pass: xz can't jump."""
    try:
        with tarfile.open(archive, "r|*") as tar:
            for member in tar:
                path = PurePosixPath(member.name)
                if member.isfile() and "val" in path.parts[:-1]:
                    content = tar.extractfile(member)
                    assert content is not None  # it is a file
                    (folder / path.name).write_bytes(content.read())
    except tarfile.TarError as error:
        raise ValueError(f"expected a folder or a .tar of images; {archive}: {error}") from None


def _choose(paths: list[Path], count: int, source: Path) -> list[Path]:
    if len(paths) < count:
        raise ValueError(f"expected at least {count} images in {source}; got {len(paths)}")
    chosen = np.random.default_rng(0).choice(len(paths), count, replace=False)
    return [paths[i] for i in sorted(chosen)]


def _load(paths: list[Path], size: tuple[int, int]) -> np.ndarray:
    from larq_bvit import zoo

    return zoo.preprocess_input(np.stack([zoo.load_image(path, size) for path in paths]))
