"""Class folders of image files: `PATH/train/CLASS/**/*.jpg`, or `PATH/CLASS/**/*.jpg`."""

from __future__ import annotations

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from larq_bvit.train.data.upright import upright

log = logging.getLogger(__name__)

_IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".gif")
_OTHER_IMAGES = (".webp", ".tif", ".tiff", ".heic", ".heif", ".avif")
_EVALUATION = ("val", "valid", "validation", "test")
_SPLITS = {"train", "training", "testing", *_EVALUATION}  # in any case of letters
_HIDDEN = (".", "@eaDir", "__MACOSX")  # of systems and tools, not of the data


class FolderSource:
    """Image files, sorted by path; the folders' sorted names are the classes.

    Images come as they are shown (see `upright.py`).
    """

    def __init__(self, root: Path, files: Iterable[Path]) -> None:
        """For `files` in the class folders of `root`."""
        self._root = root
        self.classes = tuple(sorted(folder.name for folder in _folders(root)))
        self._files = tuple(files)
        self.nbytes = sum(map(_size, self._files))
        number = {name: label for label, name in enumerate(self.classes)}
        self._labels = [number[file.relative_to(root).parts[0]] for file in self._files]

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> tuple[bytes, int]:
        try:
            return upright(self._files[index].read_bytes()), self._labels[index]
        except OSError:  # counts as a corrupt image, and is named like one
            return b"", self._labels[index]

    def name(self, index: int) -> str:
        return str(self._files[index])


def folder_source(path: str, split: str, holdout: float) -> FolderSource:
    """Opens a folder.

    Arguments:
        path: with the subfolders `train` and `val`, `valid`, `validation` or `test`; or class
            folders.
        split: "train", "evaluation", one of those names, or "all" for class folders undivided.
        holdout: share of undivided class folders that is kept for "evaluation". A hash of the
            file's path decides, so adding files moves none from one side to the other.

    Raises:
        ValueError: there is no such folder or split, there are no images, also of a single class
            that is to be trained, or folders have the names of splits where classes are expected.
    """
    root = Path(path).expanduser()
    if not root.is_dir():
        raise ValueError(f"expected a folder of images; there is none at {str(root)!r}")
    divided = _is_divided(root) and split != "all"
    if divided:
        root = root / (_evaluation(root) if split == "evaluation" else split)
    elif split not in ("all", "train", "evaluation"):
        raise ValueError(f"{str(root)!r} has no subfolder 'train', hence no split {split!r}")
    names = sorted(folder.name for folder in _folders(root))
    if not divided and names and {name.lower() for name in names} <= _SPLITS:
        raise ValueError(
            f"expected folders of classes in {str(root)!r}, or the subfolders 'train' and one of "
            f"{', '.join(_EVALUATION)}; got {', '.join(names)}"
        )
    whole = divided or split == "all"
    every = _images(root)
    files = every if whole else [file for file in every if _split(file, root, holdout) == split]
    if not whole and split == "evaluation":
        words = "%d of %d images in %s are held out for evaluation; %s:all takes all of them"
        log.info(words, len(files), len(every), root, f"folder:{path}")
    if not files:
        expected = f"CLASS/*{{{','.join(_IMAGES)}}}"
        raise ValueError(f"no images for {split!r}: expected {str(root / expected)!r}")
    empty = {folder.name for folder in _folders(root)} - {
        f.relative_to(root).parts[0] for f in files
    }
    if empty and split == "train":
        beside = "" if whole else f", beside those held out ({holdout})"
        raise ValueError(
            f"every folder in {str(root)!r} is a class: expected training images in "
            f"{', '.join(sorted(empty))}{beside}"
        )
    return FolderSource(root, files)


def _is_divided(root: Path) -> bool:
    """Whether `train` is a split, and no class that is called so."""
    train = root / "train"
    beside = {folder.name.lower() for folder in _folders(root)} & set(_EVALUATION)
    return train.is_dir() and bool(beside or _folders(train) or len(_folders(root)) == 1)


def _evaluation(root: Path) -> str:
    for name in _EVALUATION:
        if (root / name).is_dir():
            return name
    raise ValueError(f"expected one of {', '.join(_EVALUATION)} beside {str(root / 'train')!r}")


def _folders(root: Path) -> list[Path]:
    entries = root.iterdir() if root.is_dir() else ()
    return [entry for entry in entries if entry.is_dir() and not entry.name.startswith(_HIDDEN)]


def _images(root: Path) -> list[Path]:
    every = (file for folder in _folders(root) for file in _files(folder, root))
    files = [file for file in every if not file.name.startswith(_HIDDEN)]
    number = Counter(file.suffix.lower() for file in files)
    for suffix in _OTHER_IMAGES:
        if number[suffix]:
            words = "%d %s files in %s are left out: make them .jpg or .png"
            log.warning(words, number[suffix], suffix, root)
    return sorted(file for file in files if file.suffix.lower() in _IMAGES)


def _files(folder: Path, root: Path) -> Iterator[Path]:
    """Those of a class, in folders that are links, too; each once, whatever goes round in circles.

    Links come last, so that they change no path of a file that is there without them.
    """
    seen = {str(path) for path in (root.resolve(), *root.resolve().parents)}
    waiting = [str(folder)]
    for start in waiting:  # grows meanwhile
        for path, folders, names in os.walk(start):
            real = os.path.realpath(path)
            if real in seen:
                folders.clear()
                continue
            seen.add(real)
            folders[:] = sorted(name for name in folders if not name.startswith(_HIDDEN))
            inside = [os.path.join(path, name) for name in folders]
            waiting += [link for link in inside if os.path.islink(link)]
            yield from (Path(path, name) for name in names)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # counts as a corrupt image, as a link to nothing does
        return 0


def _split(file: Path, root: Path, holdout: float) -> str:
    # names that are not UTF-8, as their bytes
    name = file.relative_to(root).as_posix().encode(errors="surrogateescape")
    number = int.from_bytes(hashlib.sha256(name).digest()[:8], "big")
    return "evaluation" if number < holdout * 2**64 else "train"
