"""Packed weight files, read with everything in them checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors

from larq_bvit.zoo.packed.layout import BITS, ENTRY, FORMAT, SCALE, sha256_of
from larq_bvit.zoo.packed.metadata import WeightsMetadata
from larq_bvit.zoo.packed.signs import unpack

# How files begin that others take for weight files.
_OTHERS = {
    b"PK\x03\x04": "a zip archive, such as PyTorch and Keras write",
    b"\x80\x02": "a Python pickle",
    b"\x80\x03": "a Python pickle",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
}


@dataclass(frozen=True, eq=False)
class PackedFile:
    """Content of a packed weight file.

    Attributes:
        weights: {path: float32 array}; of binary kernels their signs times scale.
        binary: paths of the kernels that have one bit in the model.
        metadata: what the file says of them.
    """

    weights: dict[str, np.ndarray]
    binary: frozenset[str]
    metadata: WeightsMetadata


def read_packed(path: Path) -> PackedFile:
    """Reads and checks a whole file.

    Raises:
        ValueError: no safetensors file, not one of ours, of a newer format, damaged, or not what
            its own description says.
    """
    try:
        text, tensors = _read_safetensors(path)
    # also what the reader's Rust code panics with, which is no Exception
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ValueError(
            f"{path} is not a whole safetensors file: {_kind(path, reason)}"
        ) from error
    if text is None:
        raise ValueError(
            f"{path} is no packed weight file: its metadata has no entry {ENTRY!r}. "
            f"PyTorch checkpoints are read by import_torch"
        )
    try:
        return _content(text, tensors)
    except (ValueError, RecursionError) as error:  # tables in tables in tables
        raise ValueError(f"{path} can't be read as a packed weight file: {error}") from error


def _read_safetensors(path: Path) -> tuple[str | None, dict[str, np.ndarray]]:
    """Our entry of the metadata, and all tensors if there is one."""
    with safetensors.safe_open(path, framework="numpy") as file:
        text = (file.metadata() or {}).get(ENTRY)
        names = file.keys() if text is not None else ()
        return text, {name: file.get_tensor(name) for name in names}


def _kind(path: Path, reason: str) -> str:
    with path.open("rb") as file:
        start = file.read(4)
    kinds = (f"it is {kind}" for magic, kind in _OTHERS.items() if start.startswith(magic))
    return next(kinds, reason)


def _content(text: str, tensors: dict[str, np.ndarray]) -> PackedFile:
    entry = _parse(text)
    expected, got = entry.get("sha256"), sha256_of(entry, tensors)
    if got != expected:
        raise ValueError(f"expected content of sha256 {expected}, got {got}: the file is damaged")
    for name in ("format", "sha256"):
        del entry[name]
    latent, kernels, whole = (entry.pop(name, None) for name in ("latent", "kernels", "whole"))
    if not isinstance(latent, bool) or not _are_shapes(kernels):
        raise ValueError("expected latent and the kernels' shapes in its description")
    metadata = WeightsMetadata.from_dict(entry)
    if not _are_paths(whole, tensors):
        raise ValueError(f"expected whole to list kernels of the file; got {whole!r}")
    if latent and kernels:
        raise ValueError("it says that kernels are latent, and has binary ones")
    weights = _weights(kernels, tensors)
    shape = weights["classifier/kernel"].shape if "classifier/kernel" in weights else ()
    if shape and metadata.num_classes not in (None, shape[-1]):
        raise ValueError(f"it says {metadata.num_classes} classes, its classifier has {shape[-1]}")
    return PackedFile(weights, frozenset([*kernels, *whole]), metadata)


def _parse(text: str) -> dict[str, Any]:
    """The description; its format is this one."""
    try:
        entry = json.loads(text)
    except ValueError as error:
        raise ValueError(f"its description is no JSON ({error})") from None
    version = entry.get("format") if isinstance(entry, dict) else None
    if type(version) is not int or version < 1:
        raise ValueError(f"expected its format to be a version such as {FORMAT}; got {version!r}")
    if version > FORMAT:
        raise ValueError(
            f"written by a newer larq_bvit: its format is {version}, this version reads {FORMAT}; "
            "upgrade larq_bvit"
        )
    if version < FORMAT:
        raise ValueError(
            f"expected format {FORMAT}; got {version}, of larq_bvit before its first release: save "
            "the model again"
        )
    return entry


def _are_shapes(kernels: Any) -> bool:
    return isinstance(kernels, dict) and all(
        isinstance(shape, list) and len(shape) > 1 and all(type(n) is int and n > 0 for n in shape)
        for shape in kernels.values()
    )


def _are_paths(whole: Any, tensors: dict[str, np.ndarray]) -> bool:
    return isinstance(whole, list) and all(isinstance(p, str) and p in tensors for p in whole)


def _weights(
    kernels: dict[str, list[int]], tensors: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """{path: float32 array} of all tensors.

    Raises:
        ValueError: a tensor is missing, of another type, or belongs to nothing.
    """
    left, weights = dict(tensors), {}
    for path, shape in kernels.items():
        bits, scale = left.pop(path + BITS, None), left.pop(path + SCALE, None)
        if bits is None or scale is None or bits.dtype != np.uint8 or scale.dtype != np.float32:
            raise ValueError(f"expected {path}{BITS} of uint8 and {path}{SCALE} of float32")
        try:
            weights[path] = unpack(bits, scale, tuple(shape))
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
    for name, value in left.items():
        if value.dtype != np.float32 or name.endswith((BITS, SCALE)) or name in weights:
            raise ValueError(
                f"expected {name} to be the float32 array of a weight; got {value.dtype}"
            )
        weights[name] = value
    return weights
