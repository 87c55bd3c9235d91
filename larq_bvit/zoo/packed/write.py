"""A model's weights as a packed weight file."""

from __future__ import annotations

import json
import logging
from typing import Any

import numpy as np
import safetensors.numpy
import tensorflow as tf

from larq_bvit.zoo.macs import one_bit
from larq_bvit.zoo.named_weights import latent_weights, named_weights
from larq_bvit.zoo.packed.layout import BITS, ENTRY, FORMAT, SCALE, sha256_of
from larq_bvit.zoo.packed.metadata import WeightsMetadata
from larq_bvit.zoo.packed.signs import packed_kernel, wide

log = logging.getLogger(__name__)


def packed_bytes(model: tf.keras.Model, metadata: WeightsMetadata, latent: bool = False) -> bytes:
    """The file's content; the same weights and metadata give the same bytes.

    A binary kernel that two values per channel don't say whole, see `packed_kernel`, is stored as
    the latent weights that it is; logged.

    Arguments:
        latent: store all kernels so.

    Raises:
        ValueError: numbers that float32 can't hold.
    """
    tensors: dict[str, np.ndarray] = {}
    kernels: dict[str, list[int]] = {}
    whole: list[str] = []
    for path, weight in named_weights(model).items():
        binary = one_bit(weight)
        packed = packed_kernel(weight) if binary and not latent else None
        if packed is not None:
            tensors[path + BITS], tensors[path + SCALE] = packed
            kernels[path] = list(weight.shape)
            continue
        tensors[path] = _float32(weight, path)
        if binary:
            whole.append(path)
        if binary and not latent:
            log.info("%s is stored whole: its quantizer would change what was packed", path)
    entry = {
        "format": FORMAT,
        "latent": latent,
        "kernels": kernels,
        "whole": whole,
        **metadata.as_dict(),
    }
    entry["sha256"] = sha256_of(entry, tensors)
    text = json.dumps(entry, allow_nan=False, separators=(",", ":"))
    return safetensors.numpy.save(tensors, {ENTRY: text})


def _float32(weight: Any, path: str) -> np.ndarray:
    if not weight.dtype.is_floating:
        raise ValueError(f"expected {path} to be floats; got {weight.dtype.name}")
    with latent_weights():
        value = np.asarray(wide(tf.convert_to_tensor(weight.read_value())))  # a scalar is no array
    with np.errstate(over="ignore"):
        stored = value.astype(np.float32)
    if not np.array_equal(stored, value, equal_nan=True):
        raise ValueError(
            f"{path} has {value.dtype} numbers that float32 can't hold: save an .h5 file, or give "
            f"the weights to a model in float32 and save that"
        )
    return stored
