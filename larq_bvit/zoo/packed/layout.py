"""The layout of packed weight files: safetensors, binary kernels as bits.

Tensors of a binary kernel `PATH`: `PATH:bits` and `PATH:scale`, see `signs.pack`; every other
weight is float32 under its own path. The file's `__metadata__` has one entry, `larq_bvit`, a JSON
object: `format`, an integer; `latent`, whether all kernels are stored whole; `kernels`, {path:
shape} of those that are stored as bits; `whole`, paths of the other binary ones (older files don't
say); `sha256`, see below; and the fields of `WeightsMetadata`.
"""

from __future__ import annotations

import hashlib
import json

import numpy as np

ENTRY = "larq_bvit"
FORMAT = 1
BITS, SCALE = ":bits", ":scale"


def sha256_of(kernels: dict[str, list[int]], tensors: dict[str, np.ndarray]) -> str:
    """Of what decides the weights: the kernels' shapes, then every tensor, sorted by name.

    A tensor counts with its name, dtype, shape and bytes.
    """
    digest = hashlib.sha256(json.dumps(kernels, sort_keys=True).encode())
    for name in sorted(tensors):
        value = tensors[name]
        digest.update(json.dumps([name, value.dtype.name, list(value.shape)]).encode())
        digest.update(value.tobytes())
    return digest.hexdigest()
