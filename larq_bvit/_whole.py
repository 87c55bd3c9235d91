"""Files and folders that are whole or absent, whatever happens meanwhile: a loss of power, too."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write a file, which gets its name in the end; after an error an older one stays.

    Raises:
        OSError: its folder can't be written to.
    """
    with _draft(path) as draft:
        yield draft
        sync(draft)  # its name must not reach the disk before it does
        os.replace(draft, path)
    sync(path.parent)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A new folder to write to, which gets its name in the end; after an error there is none.

    Raises:
        OSError: the folder around it can't be written to, or this one holds something by then.
    """
    with _draft(path) as draft:
        draft.mkdir()
        yield draft
        publish(draft, path)


def check_unused(path: Path, what: str) -> None:
    """Refuses the place of a new folder.

    Raises:
        ValueError: there is a file, or a folder that holds anything.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ValueError(f"expected a new or empty folder for {what}; {path} is neither")


def publish(folder: Path, path: Path) -> None:
    """Gives a finished folder its name: with all it holds on the disk, or not at all."""
    for file in folder.rglob("*"):
        sync(file)
    sync(folder)
    os.replace(folder, path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Waits until a file, or a folder's list of files, is on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot open folders
    # Windows flushes only what is open for writing, Linux folders are never
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    # in a folder, since a temporary file would be readable by its owner alone
    with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
        yield Path(folder, path.name)
