"""Whole Keras models from files, without running code that is in them."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from pathlib import Path

import larq as lq
import tensorflow as tf
from tf_keras.src.saving.legacy.saved_model.load import RevivedLayer
from tf_keras.src.saving.serialization_lib import SafeModeScope

from larq_bvit import layers
from larq_bvit.zoo.model_facts import name_classes, set_preprocessing
from larq_bvit.zoo.saved_config import check_saved_config
from larq_bvit.zoo.static_build import static_build

_WEIGHTS = "model.weights.h5"  # in a .keras file


def load_model(path: str | os.PathLike[str]) -> tf.keras.Model:
    """A model that `model.save` wrote: a .keras or .h5 file, or a SavedModel folder.

    Layers of this package and of Larq, and what is registered with Keras, need no
    `custom_objects`. The model is not compiled; its `class_names` and `preprocessing` are None:
    files don't hold them. A SavedModel is a program of TensorFlow, of which loading may run a
    part: of strangers take the other two.

    Raises:
        ValueError: no such file, no whole model in it, or one that would run code of its own (a
            `Lambda` layer, a function from elsewhere than Keras), which is not loaded.
    """
    path = Path(path)
    if not path.exists():
        raise ValueError(f"no model at {path}")
    if path.is_file() and path.suffix not in (".keras", ".h5", ".hdf5"):
        raise ValueError(f"expected a .keras or .h5 file or a SavedModel folder; got {path}")
    ours = {name: getattr(layers, name) for name in layers.__all__}
    larqs = {**vars(lq.quantizers), **vars(lq.layers)}
    known = {name: kind for name, kind in {**larqs, **ours}.items() if isinstance(kind, type)}
    try:
        check_saved_config(path)  # safe mode lets functions of any module be named, and called
        # load_model's own safe mode covers .keras files alone
        with SafeModeScope(True), static_build():
            model = _load(path, known)
    # h5py, zipfile and Keras raise nearly everything on foreign and damaged files
    except Exception as error:
        hint = ""
        if "No model config" in str(error):
            hint = "; it may hold weights alone: build the model, then zoo.load_weights"
        reason = (str(error) or type(error).__name__).strip().splitlines()[0]
        raise ValueError(f"can't load a Keras model from {path}: {reason}{hint}") from error
    for layer in model.layers:
        if isinstance(layer, RevivedLayer):  # of a SavedModel: its graph, without its class
            raise ValueError(f"can't rebuild layer {layer.name!r} of {path}: its class is unknown")
    name_classes(model, None)
    set_preprocessing(model, None)
    return model


def _load(path: Path, known: dict[str, type]) -> tf.keras.Model:
    """As Keras, which reads a .keras file's weights through the archive: minutes for BinaryViT."""
    if path.suffix == ".keras" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            names = archive.namelist()
            if _WEIGHTS in names and not any(name.startswith("assets/") for name in names):
                config = json.loads(archive.read("config.json")) | {"compile_config": None}
                model = tf.keras.saving.deserialize_keras_object(config, known, safe_mode=True)
                model.load_weights(archive.extract(_WEIGHTS, folder))
                return model
    return tf.keras.models.load_model(path, custom_objects=known, compile=False)
