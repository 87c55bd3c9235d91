"""HDF5 weight files, in the layout of Keras' `save_weights`."""

from __future__ import annotations

from itertools import count, takewhile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import tensorflow as tf
import tf_keras

from larq_bvit.zoo.named_weights import latent_weights, named_weights, weight_path

_KERAS_V3 = (
    "its layout is that of Keras' `.weights.h5`, which names no weights; expected that of `.h5`: "
    "model.load_weights(...) reads it, zoo.save_weights(model, 'x.h5') writes one that fits"
)


def write_hdf5(model: tf.keras.Model, path: Path) -> None:
    """What Keras' `save_weights` writes, with a checksum for every array.

    Raises:
        ValueError: as `named_weights`.
    """
    named_weights(model)
    # since 1.10, HDF5's format has checksums where a damaged older file can hang the reader
    with h5py.File(path, "w", libver=("v110", "latest")) as file, latent_weights():
        file.attrs["backend"] = "tensorflow"
        file.attrs["keras_version"] = tf_keras.__version__
        file.attrs["layer_names"] = np.array([layer.name for layer in model.layers], "S")
        for layer in model.layers:
            weights = layer.trainable_weights + layer.non_trainable_weights
            values = {f"{weight_path(layer.name, w.name)}:0": w.numpy() for w in weights}
            group = file.require_group(layer.name)  # `mlp/up` exists once `mlp/up/norm` does
            group.attrs["weight_names"] = np.array(list(values), "S")
            for name, value in values.items():
                chunk = {"chunks": value.shape, "fletcher32": True} if value.shape else {}
                group.create_dataset(name, data=value, **chunk)


def read_hdf5(path: Path) -> dict[str, np.ndarray]:
    """{weight path: array} of a file that `write_hdf5` or Keras' `save_weights` has written.

    Raises:
        ValueError: not an HDF5 weight file, or a damaged one.
    """
    try:
        with h5py.File(path) as file:
            group = file.get("model_weights", file)  # whole models have it one level down
            if "layers" in group and not any(key.startswith("layer_names") for key in group.attrs):
                raise ValueError(_KERAS_V3)
            return {
                # of a text or an empty dataset, h5py makes no array
                weight_path(layer, name): np.asarray(group[layer][name][()])
                for layer in _names(group, "layer_names")
                for name in _names(group[layer], "weight_names")
            }
    except Exception as error:  # whatever a corrupt file makes h5py raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"{path} is not a whole Keras HDF5 weight file: {reason}") from error


def _names(group: Any, attribute: str) -> list[str]:
    """A list of names; Keras splits one above 64 kB over numbered attributes."""
    parts = [group.attrs[attribute]] if attribute in group.attrs else []
    numbered = takewhile(group.attrs.__contains__, (f"{attribute}{i}" for i in count()))
    parts += [group.attrs[key] for key in numbered]
    if not parts:
        raise KeyError(f"no attribute {attribute}")
    return [
        name.decode() if isinstance(name, bytes) else str(name) for part in parts for name in part
    ]
