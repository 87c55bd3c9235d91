"""Packed files with something changed, as a program of another kind could have written them."""

import hashlib
import json

import numpy as np
import safetensors
from safetensors import numpy as safetensors_numpy


def content(path):
    """The description of a file, and its tensors."""
    with safetensors.safe_open(path, framework="numpy") as file:
        entry = json.loads(file.metadata()["larq_bvit"])
        return entry, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def sha256(entry, tensors):
    """As the layout says: of all else in the description, then of every tensor, sorted."""
    said = {name: entry[name] for name in sorted(entry.keys() - {"sha256"})}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for name in sorted(tensors):
        value = tensors[name]
        digest.update(json.dumps([name, str(value.dtype), list(value.shape)]).encode())
        digest.update(value.tobytes())
    return digest.hexdigest()


def rewrite(source, path, edit, sign=True):
    """Writes a copy after `edit(entry, tensors)`, which may give another entry as text.

    Arguments:
        sign: make the checksum right again.
    """
    entry, tensors = content(source)
    text = edit(entry, tensors)
    if sign:
        entry["sha256"] = sha256(entry, tensors)
    text = json.dumps(entry) if text is None else text
    # it writes an array as it lies in memory
    tensors = {name: np.asarray(value, order="C") for name, value in tensors.items()}
    path.write_bytes(safetensors_numpy.save(tensors, {"larq_bvit": text}))
    return path
