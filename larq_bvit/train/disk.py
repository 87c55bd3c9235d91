"""What to say when the disk is full."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from larq_bvit._whole import whole_file


class DiskFullError(OSError):
    """No space left to write to."""


@contextmanager
def explain_full_disk(what: str, path: Path) -> Iterator[None]:
    """Turns the errors of a full disk into a DiskFullError that names what was being written.

    TensorFlow and HDF5 have their own errors for it, known by their text alone.
    """
    try:
        yield
    except DiskFullError:
        raise
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        texts = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))
        if not full and not any(text in str(error) for text in texts):
            raise
        raise DiskFullError(
            errno.ENOSPC, f"the disk is full: cannot write {what}; free some space, then resume",
            str(path),
        ) from error  # fmt: skip


def write_text(path: Path, text: str) -> None:
    """Writes a file that is never seen half written, whatever happens meanwhile.

    Raises:
        DiskFullError: no space left; the file is as before.
    """
    with explain_full_disk(path.name, path), whole_file(path) as draft:
        draft.write_text(text, encoding="utf-8")
