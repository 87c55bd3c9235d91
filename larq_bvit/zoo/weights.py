"""HDF5 weight files: read with every name and shape checked, never half loaded."""

import logging
import os
import tempfile
from contextlib import AbstractContextManager
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import h5py
import larq as lq
import numpy as np
import tensorflow as tf
import tf_keras

log = logging.getLogger(__name__)


def latent_weights() -> AbstractContextManager:
    """While open, reading a model's weights gives the latent kernels, whatever happened before.

    An exception inside a Larq layer leaves Larq in the state in which kernels read as quantized:
    without this, weights saved after it would be signs.
    """
    return lq.context.quantized_scope(False)


def check_names(expected: set[str], got: set[str], what: str) -> None:
    """Raises a ValueError that lists what is missing and what is unexpected, if anything is."""
    lines = []
    for title, names in (("missing", expected - got), ("unexpected", got - expected)):
        if names:
            shown = sorted(names)[:20]
            more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
            lines.append(f"{title} ({len(names)}): {', '.join(shown)}{more}")
    if lines:
        raise ValueError(f"this is no {what}:\n  " + "\n  ".join(lines))


def weight_path(layer: str, weight: str) -> str:
    """`mlp/up/kernel`, also of a model made from JSON, where Keras names the weight `kernel:0`."""
    weight = weight.split(":")[0]
    return weight if weight.startswith(f"{layer}/") else f"{layer}/{weight}"


def named_weights(model: tf.keras.Model) -> dict[str, tf.Variable]:
    """{path: weight} in the order of `model.weights`."""
    paths = {
        w.ref(): weight_path(layer.name, w.name) for layer in model.layers for w in layer.weights
    }
    return {paths[weight.ref()]: weight for weight in model.weights}


def resample_position(position: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Position embeddings (h, w, C) for another grid, bicubic, (H, W, C); logged when they change.

    Raises:
        ValueError: the number of channels differs.
    """
    if position.shape == shape:
        return position
    if position.ndim != 3 or len(shape) != 3 or position.shape[2] != shape[2]:
        raise ValueError(f"position embeddings {position.shape} do not fit {shape}")
    log.info("position embeddings resampled from %s to %s", position.shape[:2], shape[:2])
    resampled = tf.image.resize(position.astype("float32"), shape[:2], method="bicubic")
    return resampled.numpy().astype(position.dtype)


def save_weights(model: tf.keras.Model, path: str | Path) -> Path:
    """Writes all weights of a model to an HDF5 file, whole or not at all; returns its path.

    The file has the layout of Keras' `save_weights`, and checksums.

    Raises:
        ValueError: the name does not end in `.h5`, or its folder does not exist.
    """
    path = Path(path)
    if path.suffix != ".h5":
        raise ValueError(f"a weight file's name must end in .h5; got {path.name}")
    if not path.parent.is_dir():
        raise ValueError(f"no folder {path.parent} to write {path.name} to")
    # a folder, since a temporary file would be readable by its owner alone
    with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as folder:
        temporary = os.path.join(folder, path.name)
        # since 1.10, HDF5's format has checksums where a damaged older file can hang the reader
        with h5py.File(temporary, "w", libver=("v110", "latest")) as file, latent_weights():
            _write(model, file)
        os.replace(temporary, path)
    return path


def _write(model: tf.keras.Model, file: h5py.File) -> None:
    """What Keras' `save_weights` writes, with a checksum for every array."""
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


def read_weights(path: str | Path) -> dict[str, np.ndarray]:
    """{weight path: array} of an HDF5 file that Keras' `save_weights` has written.

    Raises:
        ValueError: no such file, or not an HDF5 weight file.
    """
    if not Path(path).is_file():
        raise ValueError(f"no weight file at {path}")
    try:
        with h5py.File(path) as file:
            group = file.get("model_weights", file)  # whole models have it one level down
            return {
                weight_path(layer, name): group[layer][name][()]
                for layer in _names(group, "layer_names")
                for name in _names(group[layer], "weight_names")
            }
    except Exception as error:  # whatever a corrupt file makes h5py raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"{path} is not a whole Keras HDF5 weight file: {reason}") from error


def load_weights(model: tf.keras.Model, path: str | Path) -> None:
    """Fills a model in place from an HDF5 file of Keras' `save_weights`, matched by name.

    Position embeddings of another input size are resampled.

    Raises:
        ValueError: names or shapes differ: the message lists them. The model is as before.
    """
    stored = read_weights(path)
    variables = named_weights(model)
    check_names(set(variables), set(stored), what=f"weight file of {model.name!r}")
    values, misfits = {}, []
    for name, variable in variables.items():
        value, shape = stored[name], tuple(variable.shape)
        if name.endswith("position/position") and value.shape[2:] == shape[2:]:
            value = resample_position(value, shape)
        if value.shape != shape or value.dtype.kind != "f":
            misfits.append(f"{name}: expected floats {shape}, got {value.dtype} {value.shape}")
        values[name] = value
    if misfits:
        raise ValueError(
            f"{path} does not fit {model.name!r}; mis-shaped:\n  " + "\n  ".join(misfits)
        )
    for name, variable in variables.items():
        variable.assign(values[name])


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
