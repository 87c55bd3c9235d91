"""A file while it arrives: it gets its name when it is whole."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# RFC 9110, Sec. 8.8.3; a weak one, W/"...", may fit other bytes
_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')


@dataclass(frozen=True)
class PartialFile:
    """What has arrived so far of the file `target`, and the ETag of what it is a part of."""

    target: Path

    @property
    def path(self) -> Path:
        """Where it waits: `target.part`."""
        return self.target.with_name(f"{self.target.name}.part")

    @property
    def size(self) -> int:
        """In bytes."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def etag(self) -> str | None:
        """What `restart` was told, also by an earlier process; None where that is damaged."""
        etag = self._etag_path.read_text("latin-1") if self._etag_path.exists() else ""
        return etag if _STRONG_ETAG.fullmatch(etag) else None

    @property
    def _etag_path(self) -> Path:
        return self.target.with_name(f"{self.target.name}.etag")

    def restart(self, etag: str | None) -> None:
        """Throws away what there is; `etag` is that of what comes."""
        self.remove()
        if etag is not None and _STRONG_ETAG.fullmatch(etag):
            self._etag_path.write_text(etag, "latin-1")

    def remove(self) -> None:
        """Leaves nothing but the target."""
        self.path.unlink(missing_ok=True)
        self._etag_path.unlink(missing_ok=True)

    def append(self, chunks: Iterable[bytes]) -> None:
        """Writes what comes; after an error, all that came before it is there.

        Raises:
            OSError: ENOSPC, and what to do, where the disk is full.
        """
        with self._explain_full_disk(), open(self.path, "ab") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())  # its name must not reach the disk before it does

    def finish(self) -> None:
        """Gives it its name."""
        os.replace(self.path, self.target)
        self.remove()

    def check_space(self, needed: int) -> None:
        """Raises an OSError, ENOSPC, unless there is space for as many more bytes."""
        free = shutil.disk_usage(self.path.parent).free
        if free < needed:
            raise self._disk_full(f"{needed} more bytes are needed, {free} are free")

    @contextmanager
    def _explain_full_disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise self._disk_full("what came before is kept") from error

    def _disk_full(self, why: str) -> OSError:
        message = f"the disk is full: {why}; free some space, then try again"
        return OSError(errno.ENOSPC, message, str(self.path))


def is_whole(path: Path, *, sha256: str, size: int) -> bool:
    """Whether a file has this size in bytes and this hash."""
    return path.stat().st_size == size and sha256_of(path) == sha256


def sha256_of(path: Path) -> str:
    """Hash of a file in hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
