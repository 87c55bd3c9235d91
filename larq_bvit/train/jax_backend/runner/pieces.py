"""Arrays in files of at most 14 MiB, with checksums; snapshots of a run made of them."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Arrays = Mapping[str, np.ndarray]

PIECE = 14 * 2**20  # bytes: small enough for most ways to move a file
# what holds an array's bytes, where it is not another array, by its name
_STORED, _ZEROS = "", "0"
_INDEX = "snapshot.json"


class DamagedError(ValueError):
    """A file is missing, or is not what was written."""


def digest(path: Path) -> str:
    """The SHA-256 of a file.

    Raises:
        DamagedError: it is not there.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise DamagedError(f"{path} is missing") from None


def check(path: Path, sha256: str) -> None:
    """Raises:
    DamagedError: the file is missing or another one.
    """
    if digest(path) != sha256:
        raise DamagedError(f"{path} is damaged, or of another export")


def drawn(sampler: Any) -> str:
    """A checksum of a sampler's first step and of its last of the first epoch."""
    parts = [*sampler(0), *sampler(sampler.steps_per_epoch - 1)]
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def save_array(path: Path, array: np.ndarray) -> dict[str, Any]:
    """Writes a .npy file; returns {"file", "sha256"}."""
    np.save(path, array, allow_pickle=False)
    _sync(path)
    return {"file": path.name, "sha256": digest(path)}


def load_array(folder: Path, entry: Mapping[str, Any]) -> np.ndarray:
    """Reads what `save_array` has written and returned.

    Raises:
        DamagedError: the file is missing or another one.
    """
    check(folder / entry["file"], entry["sha256"])
    return np.load(folder / entry["file"], allow_pickle=False)


def save_arrays(
    folder: Path, name: str, arrays: Arrays, before: Arrays | None = None
) -> dict[str, Any]:
    """Writes arrays as one stream of bytes in pieces `NAME-000.npy`; returns its index.

    Arrays of zeros, such as an optimizer's at the start, are noted alone; so are those that equal
    an earlier one, such as averages at the start.

    Arguments:
        before: arrays that the reader will have already.
    """
    index: list[list[Any]] = []
    pieces: list[dict[str, Any]] = []
    stream = bytearray()
    known: dict[Any, list[str]] = {}  # names of earlier arrays that begin alike

    def write(left: int) -> None:
        while len(stream) > left:
            piece = np.frombuffer(bytes(stream[:PIECE]), np.uint8)
            del stream[:PIECE]
            pieces.append(save_array(folder / f"{name}-{len(pieces):03}.npy", piece))

    everything = {**(before or {}), **arrays}
    for key, array in everything.items():
        begin = array.reshape(-1)[:16].tobytes()
        alike = known.setdefault((array.dtype, array.shape, begin), [])
        if key in arrays:
            content, held = array.tobytes(), _ZEROS
            if content.count(0) < len(content):
                same = (name for name in alike if everything[name].tobytes() == content)
                held = next(same, _STORED)
            index.append([key, str(array.dtype), list(array.shape), held])
            if held == _STORED:
                stream += content
                write(PIECE)
        alike.append(key)
    write(0)
    return {"arrays": index, "pieces": pieces}


def load_arrays(
    folder: Path, index: Mapping[str, Any], before: Arrays | None = None
) -> dict[str, np.ndarray]:
    """Reads what `save_arrays` has written; `before` is what it was given.

    Raises:
        DamagedError: a piece is missing or another one.
    """
    stream = b"".join(load_array(folder, entry).tobytes() for entry in index["pieces"])
    known, start = dict(before or {}), 0
    for name, dtype, shape, held in index["arrays"]:
        if held == _ZEROS:
            known[name] = np.zeros(shape, dtype)
        elif held == _STORED:
            size = math.prod(shape)
            known[name] = np.frombuffer(stream, dtype, size, start).reshape(shape)
            start += known[name].nbytes
        else:
            known[name] = known[held]
    return {entry[0]: known[entry[0]] for entry in index["arrays"]}


def hollow_arrays(index: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Zeros of the shapes and types that `save_arrays` has noted; they take no memory."""
    return {
        name: np.broadcast_to(np.zeros((), dtype), shape)
        for name, dtype, shape, _ in index["arrays"]
    }


def save_snapshot(
    folder: Path, name: str, facts: Mapping[str, Any], arrays: Arrays, keep: int = 2
) -> None:
    """Writes `folder/NAME`, whole or not at all, and removes all but the newest.

    Arguments:
        name: sorts as time does.
        facts: for JSON.
        arrays: {"group/...": array}; each group gets pieces of its own.
        keep: how many stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    draft = folder / f".new-{name}"
    draft.mkdir()
    groups: dict[str, dict[str, np.ndarray]] = {}
    for key, array in arrays.items():
        groups.setdefault(key.partition("/")[0], {})[key] = array
    index, before = {}, dict[str, np.ndarray]()
    for group, values in groups.items():
        index[group] = save_arrays(draft, group, values, before)
        before.update(values)
    write_text(draft / _INDEX, json.dumps({"facts": facts, "groups": index}))
    _sync(draft)
    if (folder / name).exists():
        os.replace(folder / name, folder / f".old-{name}")
    os.replace(draft, folder / name)
    _sync(folder)
    for old in snapshots(folder)[:-keep]:
        discard(folder / old)
    sweep(folder)


def discard(path: Path) -> None:
    """Removes a snapshot; there is never half of it under its name."""
    hidden = path.with_name(f".old-{path.name}")
    os.replace(path, hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Removes what killed processes have left beside the snapshots."""
    for path in folder.glob(".*"):
        shutil.rmtree(path, ignore_errors=True)


def load_snapshot(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """(facts, arrays) of a snapshot.

    Raises:
        DamagedError: a part of it is missing or another one.
    """
    index = _read_index(path)
    arrays: dict[str, np.ndarray] = {}
    for group in index["groups"].values():
        arrays.update(load_arrays(path, group, arrays))
    return index["facts"], arrays


def hollow_snapshot(folder: Path) -> dict[str, np.ndarray]:
    """The newest one's `hollow_arrays`, of which nothing but its index need be there.

    Raises:
        DamagedError: that is missing.
    """
    names = snapshots(folder)
    if not names:
        raise DamagedError(f"no snapshot of the run: there is none in {folder}")
    arrays: dict[str, np.ndarray] = {}
    for group in _read_index(folder / names[-1])["groups"].values():
        arrays.update(hollow_arrays(group))
    return arrays


def newest_snapshot(
    folder: Path, say: Callable[[str], None] = print
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """(facts, arrays) of the newest one that is whole; says which ones are not.

    Raises:
        DamagedError: there is none.
    """
    reason = f"there is none in {folder}"
    for name in reversed(snapshots(folder)):
        try:
            return load_snapshot(folder / name)
        except DamagedError as error:
            reason = str(error)
            say(f"passing over {name}: {reason}")
    raise DamagedError(f"no whole snapshot of the run: {reason}")


def _read_index(path: Path) -> dict[str, Any]:
    try:
        index: dict[str, Any] = json.loads((path / _INDEX).read_text())
    except (OSError, ValueError) as error:
        raise DamagedError(f"{path / _INDEX} cannot be read: {error}") from None
    return index


def snapshots(folder: Path) -> list[str]:
    """Names, the oldest first."""
    return sorted(p.name for p in folder.glob("[!.]*") if p.is_dir())


def write_text(path: Path, text: str) -> None:
    """Writes a file that is never seen half written."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    _sync(draft)
    os.replace(draft, path)


def _sync(path: Path) -> None:
    """Waits until a file, or a folder's list of files, is on the disk."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
