"""The layout of packed weight files: safetensors, binary kernels as bits.

Tensors of a binary kernel `PATH`: `PATH:bits` and `PATH:scale`, see `signs.pack`; every other
weight is float32 under its own path. The file's `__metadata__` has one entry, `larq_bvit`, a JSON
object: `format`, an integer; `latent`, whether all kernels are stored whole; `kernels`, {path:
shape} of those that are stored as bits; `whole`, paths of the other binary ones; `sha256`, see
below; and the fields of `WeightsMetadata`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

ENTRY = "larq_bvit"
FORMAT = 2
BITS, SCALE = ":bits", ":scale"


def sha256_of(entry: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> str:
    """Of the whole content: the description without its `sha256`, then all tensors, sorted by name.

    A tensor counts with its name, dtype, shape and bytes.
    """
    said = {name: value for name, value in entry.items() if name != "sha256"}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for name in sorted(tensors):
        value = tensors[name]
        digest.update(json.dumps([name, value.dtype.name, list(value.shape)]).encode())
        digest.update(value.tobytes())
    return digest.hexdigest()
