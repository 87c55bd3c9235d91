"""Which code a run was begun with."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from larq_bvit import __version__
from larq_bvit._toml import from_table
from larq_bvit.train.disk import write_text

_PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True)
class Origin:
    """The code of a run.

    Attributes:
        version: of larq_bvit; None where nothing is known.
        commit: of the checkout, 12 digits, and "+changes" where the package's files differed from
            it; None without a checkout.
    """

    version: str | None = None
    commit: str | None = None


def origin_here() -> Origin:
    """Of the code that runs now."""
    return Origin(__version__, commit_of(_PACKAGE))


def save_origin(path: Path, origin: Origin) -> None:
    """Writes it as JSON.

    Raises:
        DiskFullError: no space left; the file is as before.
    """
    write_text(path, json.dumps(asdict(origin)) + "\n")


def load_origin(path: Path) -> Origin:
    """Reads what `save_origin` has written; where there is no such file, nothing is known.

    Raises:
        ValueError: it is something else.
    """
    if not path.is_file():
        return Origin()
    try:
        return from_table(Origin, dict(json.loads(path.read_text(encoding="utf-8"))))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} does not say which code a run was begun with: {error}") from None


def commit_of(package: Path) -> str | None:
    """Of the checkout whose root holds the folder of a package; None where that is none."""
    try:
        root = Path(_git(package, "rev-parse", "--show-toplevel"))
        if root.resolve() != package.resolve().parent:  # of something around an installed package
            return None
        commit = _git(package, "rev-parse", "--short=12", "HEAD")
        changes = _git(package, "status", "--porcelain", "--", ".")
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{commit}+changes" if changes else commit


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
