"""Files that take minutes to make, made once and kept in a folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import larq_bvit
from larq_bvit._extras import version_of
from larq_bvit._whole import whole_file

_DIGITS = 12  # of a digest
_LIBRARY = Path(larq_bvit.__file__).parent
# what makes the files, and whose change makes them anew
CODE = tuple(
    _LIBRARY / part for part in ("layers", "zoo", "convert", "train/binarity.py", "bench/subjects")
)
_PACKAGES = ("tensorflow", "larq-compute-engine")


def keep(
    folder: Path,
    name: str,
    content: Iterable[str],
    make: Callable[[], bytes],
    code: Iterable[Path] = CODE,
) -> Path:
    """The path of a file, which is made where the folder lacks it.

    What other code or other versions made of the same name and content is removed.

    Arguments:
        folder: where files are kept; made, too.
        name: of the file, by which people know it.
        content: all that decides what it holds, besides the code that makes it.
        make: gives its bytes.
        code: files and folders of Python, that make it.

    Raises:
        OSError: the folder can't be written to.
    """
    stem = f"{name.replace(' ', '_').replace(':', '-')}-{_digest(content)}"
    versions = [version_of(package) or "" for package in _PACKAGES]
    path = folder / f"{stem}-{_digest([*_code(code), *versions])}.tflite"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as draft:
            draft.write_bytes(make())
            for old in folder.iterdir():
                if re.fullmatch(rf"{re.escape(stem)}-[0-9a-f]{{{_DIGITS}}}\.tflite", old.name):
                    old.unlink(missing_ok=True)
    return path


def _code(code: Iterable[Path]) -> Iterator[bytes]:
    for path in code:
        for source in [path] if path.is_file() else sorted(path.rglob("*.py")):
            yield source.read_bytes()


def _digest(content: Iterable[str | bytes]) -> str:
    digest = hashlib.sha256()
    for part in content:
        digest.update(hashlib.sha256(part.encode() if isinstance(part, str) else part).digest())
    return digest.hexdigest()[:_DIGITS]
