"""Files that outlast a loss of power."""

import os
from pathlib import Path


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
