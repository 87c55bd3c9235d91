"""Where a preset's weights are: in the package, else in the cache, else at their URL."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

from larq_bvit.artifacts import artifact, artifacts
from larq_bvit.presets import Preset, presets
from larq_bvit.zoo.download import download
from larq_bvit.zoo.partial_file import is_whole, sha256_of

log = logging.getLogger(__name__)

FILE = "weights.safetensors"
VARIABLE = "LARQ_BVIT_CACHE"


def weight_file(preset: Preset) -> Path:
    """The path of a preset's weights, every byte of them checked; downloads them if it must.

    Downloads are kept in the folder that the environment variable LARQ_BVIT_CACHE names, or in
    the user's cache folder.

    Raises:
        ValueError: the package's own file is not the published one.
        FileNotFoundError: the weights are not published yet.
        OSError: the cache can't be written to, or the download failed (`DownloadError`).
    """
    try:
        own = artifact("zoo", preset.name, FILE)
    except FileNotFoundError:
        return _cached(preset)
    if not is_whole(own, sha256=preset.sha256, size=preset.bytes):
        raise ValueError(
            f"{own} is not the published file: expected {preset.bytes} bytes, sha256 "
            f"{preset.sha256}; got {own.stat().st_size} bytes, sha256 {sha256_of(own)}. "
            f"Install larq_bvit again, or restore the file"
        )
    return own


def named_or_file(source: str) -> Path:
    """A preset's weights by its name, as `weight_file`; else that path, where there may be nothing.

    Raises:
        ValueError, FileNotFoundError, OSError: see `weight_file`.
    """
    preset = presets().get(source)
    return Path(source).expanduser() if preset is None else weight_file(preset)


def cache_folder() -> Path:
    """Where downloads are kept: `LARQ_BVIT_CACHE`, or the user's cache folder."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen).expanduser() if chosen else user_cache_path("larq_bvit", appauthor=False)


def _cached(preset: Preset) -> Path:
    path = cache_folder() / f"{preset.sha256[:12]}-{preset.name}.safetensors"
    if path.is_file() and is_whole(path, sha256=preset.sha256, size=preset.bytes):
        return path
    if preset.url is None:
        raise FileNotFoundError(_not_published(preset, path))
    _check_writable(path.parent)
    log.info("downloading %s, %d bytes, to %s", preset.url, preset.bytes, path)
    return download(preset.url, path, sha256=preset.sha256, size=preset.bytes)


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(
            f"can't write to the cache folder {folder} ({error.strerror}): set {VARIABLE} to a "
            f"folder that can be written to"
        ) from error


def _not_published(preset: Preset, path: Path) -> str:
    message = (
        f"the weights {preset.name!r} are not published yet: they have no URL, and there is no "
        f"file {path}"
    )
    if any(recipe.stem == preset.name for recipe in artifacts("train", ".toml")):
        message += f". To train them: larq-bvit train {preset.name} --out runs/{preset.name}"
    return message
