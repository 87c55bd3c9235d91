"""Weight files: written whole or not at all, read with every name and shape checked."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from larq_bvit._whole import whole_file
from larq_bvit.zoo.attention_clips import rescale_clips
from larq_bvit.zoo.hdf5_file import read_hdf5, write_hdf5
from larq_bvit.zoo.matching import (
    CLASSIFIER,
    fitting,
    leave_classifier,
)
from larq_bvit.zoo.model_facts import name_classes, plain_names, set_preprocessing
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.packed import (
    PackedFile,
    WeightsMetadata,
    contradictions,
    describe,
    name_of_another,
    packed_bytes,
    read_packed,
    stored_variant,
)

log = logging.getLogger(__name__)

_SUFFIXES = ".h5", ".safetensors"
_HDF5 = b"\x89HDF\r\n\x1a\n"


def save_weights(
    model: tf.keras.Model,
    path: str | Path,
    *,
    latent: bool = False,
    metadata: WeightsMetadata | None = None,
) -> Path:
    """Writes all weights of a model to a file, whole or not at all; returns its path.

    `.h5`: the layout of Keras' `save_weights`, with checksums; training goes on from it as if it
    had not been interrupted. `.safetensors`: packed, one bit for each binary weight. A packed
    file says all that a model computes with: loaded, it predicts the same, bit for bit. It
    forgets how far latent weights are from changing their sign. Numbers are float32 there.

    Arguments:
        latent: keep latent weights in a `.safetensors` file, too, at up to 32 times the size.
        metadata: of a `.safetensors` file; what the model itself tells is filled in.

    Raises:
        ValueError: the name ends otherwise or is a folder's, its folder does not exist, metadata
            that contradict the model or are for an `.h5` file, weights that names don't tell
            apart, or numbers that float32 can't hold.
    """
    path = Path(path)
    if path.suffix not in _SUFFIXES:
        raise ValueError(
            f"a weight file's name must end in {' or '.join(_SUFFIXES)}; got {path.name}"
        )
    if not path.parent.is_dir():
        raise ValueError(f"no folder {path.parent} to write {path.name} to")
    if path.is_dir():
        raise ValueError(f"expected a file's name; {path} is a folder")
    if path.suffix == ".h5" and metadata is not None:
        raise ValueError(
            f"an .h5 file holds no metadata: save a .safetensors file; got {path.name}"
        )
    with whole_file(path) as draft:
        if path.suffix == ".h5":
            write_hdf5(model, draft)
        else:
            draft.write_bytes(packed_bytes(model, describe(model, metadata), latent))
    return path


def read_weights(path: str | Path) -> dict[str, np.ndarray]:
    """{weight path: array} of a weight file of either kind.

    Binary kernels of packed files are signs times scale.

    Raises:
        ValueError: no such file, or not a whole weight file.
    """
    return _read(path)[0]


def read_metadata(path: str | Path) -> WeightsMetadata:
    """What a packed weight file says of its weights, which are checked with it.

    Raises:
        ValueError: no such file, or not a whole packed weight file.
    """
    packed = _read(path)[1]
    if packed is None:
        raise ValueError(f"{path} is an HDF5 file, which holds no metadata")
    return packed.metadata


def _read(path: str | Path) -> tuple[dict[str, np.ndarray], PackedFile | None]:
    """Weights, and all else of a packed file."""
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"no weight file at {path}")
    if is_packed(path):
        packed = read_packed(path)
        return packed.weights, packed
    return read_hdf5(path), None


def is_packed(path: str | Path) -> bool:
    """Whether a weight file is of the packed kind, by its content, else by its name."""
    path, start = Path(path), b""
    if path.is_file():
        with path.open("rb") as file:
            start = file.read(9)
    looks = path.suffix == ".safetensors" or start[8:] == b"{"
    return looks and not start.startswith(_HDF5)


def load_weights(
    model: tf.keras.Model,
    path: str | Path,
    *,
    new_classifier: bool = False,
    class_names: Sequence[str] | None = None,
    told: WeightsMetadata | None = None,
    as_start: bool = False,
) -> None:
    """Fills a model in place from a file of `save_weights` or of Keras' (.h5), matched by name.

    For another input size position embeddings are resampled and attention's clips rescaled; a
    classifier is skipped where the model has none. All of it is logged. From a packed file, latent
    weights are signs times scale. `model.class_names` are then those of the weights' classifier:
    what the file says, else `class_names`; `model.preprocessing` is what the file says of images.

    Arguments:
        new_classifier: where the numbers of classes differ, or the file has no classifier, the
            model's stays as it is; logged.
        class_names: of the model. Where the file has others the model's classifier stays with
            `new_classifier`, else that is an error.
        told: what is known of an .h5 file, which says nothing of itself: class names and variant.
        as_start: of a training: names and shapes must agree, and no more; what a packed file and
            the model contradict each other in is logged.

    Raises:
        ValueError: a damaged file, weights of another model, names and shapes that differ, or a
            packed file of another variant or of other binary kernels: the message lists them. The
            model is as before.
    """
    stored, packed = _read(path)
    metadata = told if packed is None else packed.metadata
    variables = named_weights(model)
    other = ""
    try:
        if packed is not None:
            other = name_of_another(packed.metadata, model)
        names = None if metadata is None else metadata.class_names
        others = other_classes(class_names, names)
        leave_classifier(stored, variables, new_classifier, other_classes=others)
        values = fitting(stored, variables, what=f"weight file of {model.name!r}")
        rescale_clips(values, stored, model, stored_reductions(metadata, model))
        contradiction = "" if packed is None else contradictions(packed, model)
        if contradiction and not as_start:
            raise ValueError(f"the weights contradict the model: {contradiction}")
    except ValueError as error:
        raise ValueError(f"{path}: {other}{error}") from None
    if contradiction:
        log.info("started from weights of a model that differs: %s", contradiction)
    for name, variable in variables.items():
        variable.assign(values[name])
    if any(name.startswith(CLASSIFIER) for name in variables):
        name_classes(model, class_names if names is None else names)
    if not as_start:  # what is trained gets other images
        set_preprocessing(model, None if metadata is None else metadata.preprocessing)


def stored_reductions(
    metadata: WeightsMetadata | None, model: tf.keras.Model
) -> tuple[int, ...] | None:
    """Of the stored variant, where it is known and may not be the model's.

    A file may say anything: what does not fit the model is not used, and told as a contradiction.
    """
    variant = None if metadata is None else stored_variant(metadata, model)
    told, own = (variant or {}).get("reductions"), getattr(model, "variant", None)
    if not isinstance(told, tuple) or len(told) != len(getattr(own, "reductions", ())):
        return None
    return told if all(type(ratio) is int and ratio > 0 for ratio in told) else None


def other_classes(class_names: Sequence[str] | None, stored: Sequence[str] | None) -> bool:
    """Whether both are known, and others."""
    return (
        class_names is not None and stored is not None and plain_names(class_names) != tuple(stored)
    )
