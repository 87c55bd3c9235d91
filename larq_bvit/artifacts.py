"""The artifacts beside the code: the folders `zoo`, `train` and `convert` of the repository.

A wheel carries them as `larq_bvit/_artifacts` (see setup.py). Only these two places are looked at,
never the current directory.
"""

import glob
from pathlib import Path

# In the order in which data passes through them.
FOLDERS = ("zoo", "train", "convert")

_PACKAGE = Path(__file__).parent


def artifact(folder: str, *path: str) -> Path:
    """One file or folder: `artifact("convert", "arm.toml")`.

    Raises:
        ValueError: `folder` is not one of `FOLDERS`.
        FileNotFoundError: there is no such artifact.
    """
    found = artifact_folder(folder).joinpath(*path)
    if not found.exists():
        raise FileNotFoundError(f"no artifact {'/'.join((folder, *path))!r}: {found} is missing")
    return found


def artifacts(folder: str, suffix: str = "") -> list[Path]:
    """All files in a folder and below whose names end in `suffix`, sorted; hidden ones excepted.

    Raises:
        ValueError: `folder` is not one of `FOLDERS`.
    """
    root = artifact_folder(folder)
    names = glob.iglob("**/*", root_dir=root, recursive=True)  # the pattern of setup.py
    return sorted(
        root / name for name in names if name.endswith(suffix) and (root / name).is_file()
    )


def artifact_folder(name: str) -> Path:
    """Where the artifacts of a kind lie; it may not be there yet.

    Raises:
        ValueError: `name` is not one of `FOLDERS`.
    """
    if name not in FOLDERS:
        raise ValueError(f"expected one of the folders {', '.join(FOLDERS)}; got {name!r}")
    return _root() / name


def _root() -> Path:
    """What holds the folders: the data of an installed package, or the checkout."""
    installed = _PACKAGE / "_artifacts"
    return installed if installed.is_dir() else _PACKAGE.parent
