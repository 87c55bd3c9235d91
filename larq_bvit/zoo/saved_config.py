"""What a saved Keras model names: looked at before Keras, which would import and call it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import h5py
import tensorflow as tf
from tensorflow.python.util.tf_export import get_symbol_from_name
from tf_keras.protobuf import saved_metadata_pb2
from tf_keras.src.saving.serialization_lib import _retrieve_class_or_fn

_PACKAGES = ("builtins", "keras", "larq", "larq_bvit", "tf_keras")
# of Keras, with functions that compute, and three that look others up
_FUNCTIONS = ("activations", "constraints", "initializers", "losses", "metrics", "regularizers")
_LOOKING_UP = ("deserialize", "get", "serialize")
# with TensorFlow's functions from numbers to numbers, where others read and write files, load
# libraries and run Python: parts of its names, and the modules that define `tf.concat` and its like
_COMPUTING = [
    "__operators__",
    "bitwise",
    "dtypes",
    "image",
    "linalg",
    "math",
    "nn",
    "quantization",
    "signal",
]
_MODULES = [
    "array_ops",
    "array_ops_stack",
    "check_ops",
    "clip_ops",
    "gen_array_ops",
    "gen_linalg_ops",
    "gen_math_ops",
    "gen_nn_ops",
    "gen_spectral_ops",
    "linalg_ops",
    "manip_ops",
    "math_ops",
    "sort_ops",
    "special_math_ops",
    "tensor_conversion",
]
# layers that call what their configuration names, or load a file
_REFUSED = [
    "ClassMethod",
    "InstanceMethod",
    "InstanceProperty",
    "Lambda",
    "TFSMLayer",
    "TensorFlowOpLayer",
    "__lambda__",
    "__typespec__",
]
# modules of Keras among whose names it looks for a class that is described without a module
_LOOKED_THROUGH = [
    import_module(f"tf_keras.src.{name}")
    for name in (*_FUNCTIONS, "layers.serialization", "optimizers")
]


def check_saved_config(path: Path) -> None:
    """Refuses a file or folder of `model.save` that would have Keras run more than layers.

    Raises:
        ValueError: a `Lambda` layer, a class or function from elsewhere than Keras, Larq, this
            package, and what is registered with Keras, or a function of these where a class is
            expected; the message names it.
        Exception: anything that h5py, zipfile and json raise on damaged files.
    """
    for config in _configs(path):
        _check(config)


def _configs(path: Path) -> Iterator[Any]:
    """Every description in it that Keras may read."""
    if path.is_dir():
        stored = saved_metadata_pb2.SavedMetadata()
        stored.ParseFromString((path / "keras_metadata.pb").read_bytes())
        for node in stored.nodes:
            metadata = json.loads(node.metadata or "null")
            if isinstance(metadata, dict):
                metadata.pop("training_config", None)
            yield metadata
        return
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
        config.pop("compile_config", None)  # which is not read
        yield config
    if h5py.is_hdf5(path):
        with h5py.File(path) as file:
            yield json.loads(file.attrs.get("model_config", "null"))


def _check(value: Any) -> None:
    """All that Keras would look up in a part of a description."""
    if isinstance(value, list):
        for each in value:
            _check(each)
    elif isinstance(value, dict):
        name, config = value.get("class_name"), value.get("config")
        if name is not None and not _is_allowed(name, config, value):
            told = f"the function {config}" if name == "function" else f"the layer {name}"
            if isinstance(config, dict) and isinstance(config.get("function"), str):
                told = f"tf.{config['function']}"
            origin = value.get("module")
            raise ValueError(
                f"it would run code of its own, {told}" + (f" of {origin}" if origin else "")
            )
        for each in value.values():
            _check(each)


def _is_allowed(name: Any, config: Any, described: dict[str, Any]) -> bool:
    if name == "function":
        return _is_registered(config) or (
            described.get("module") in (None, "builtins") and _computes(config)
        )
    last = str(name).rpartition(".")[2]  # Keras finds `layers.Lambda`, too
    if last in ("TFOpLambda", "SlicingOpLambda"):
        return isinstance(config, dict) and _is_operator(config.get("function"))
    if last in _REFUSED or last != name:
        return False
    found = [vars(module)[last] for module in _LOOKED_THROUGH if last in vars(module)]
    if not all(isinstance(each, type) for each in found):
        return False
    module = described.get("module")
    if module is None or _is_registered(described.get("registered_name")):
        return True
    return str(module).split(".")[0] in _PACKAGES and _is_class(described)


def _is_class(described: dict[str, Any]) -> bool:
    """Whether Keras finds a class by this name in its module; it would call a function.

    Also where it finds nothing, which it says itself.
    """
    name, module = described["class_name"], described["module"]
    registered = described.get("registered_name")
    try:
        found = _retrieve_class_or_fn(name, registered, module, "class", described)
    except (TypeError, ValueError, ImportError, AttributeError):
        return True
    return isinstance(found, type)


def _is_registered(name: Any) -> bool:
    """By `tf.keras.utils.register_keras_serializable`."""
    return isinstance(name, str) and tf.keras.utils.get_registered_object(name) is not None


def _computes(name: Any) -> bool:
    """Whether Keras has a function of this name, which takes and gives numbers."""
    modules = (getattr(tf.keras, module) for module in _FUNCTIONS)
    return (
        isinstance(name, str)
        and name not in _LOOKING_UP
        and any(hasattr(module, name) for module in modules)
    )


def _is_operator(symbol: Any) -> bool:
    """Whether TensorFlow's function of this name takes and gives numbers."""
    namespace, dot, _ = str(symbol).removeprefix("compat.v1.").partition(".")
    if dot:
        return namespace in _COMPUTING
    origin = getattr(get_symbol_from_name(str(symbol)), "__module__", "")
    return origin.rpartition(".")[2] in _MODULES
