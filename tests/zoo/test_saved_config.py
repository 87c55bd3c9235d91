"""Which descriptions of saved models are refused before Keras reads them."""

import io
import json
import sys
import time
import zipfile

import h5py
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.zoo.saved_config import check_saved_config

L = tf.keras.layers


def model_of(layer: dict, constant) -> dict:
    """A functional model's description that has Keras call a layer with a constant."""
    layer = {**layer, "name": "evil", "inbound_nodes": [[["_CONSTANT_VALUE", -1, constant, {}]]]}
    return {
        "module": "keras.src.engine.functional",
        "class_name": "Functional",
        "config": {
            "name": "model",
            "trainable": True,
            "layers": [layer],
            "input_layers": [],
            "output_layers": [["evil", 0, 0]],
        },
        "registered_name": "Functional",
    }


def function(module: str, name: str) -> dict:
    return {
        "class_name": "function",
        "module": module,
        "config": name,
        "registered_name": name,
    }


def class_of(module: str, name: str) -> dict:
    """With a configuration that Keras takes for a registered name, and looks no further."""
    return {
        "class_name": name,
        "module": module,
        "config": "larq_bvit>RPReLU",
        "registered_name": None,
    }


def layer(name: str, **config) -> dict:
    common = {"name": "evil", "trainable": True, "dtype": "float32"}
    return {
        "module": "keras.layers",
        "class_name": name,
        "config": {**common, **config},
        "registered_name": None,
    }


def lambda_of(module: str, name: str) -> dict:
    return layer(
        "Lambda",
        function=function(module, name),
        function_type="function",
        module=None,
        output_shape=None,
        output_shape_type="raw",
        output_shape_module=None,
        arguments={},
    )


def keras_file(path, config: dict):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.19.0"}))
        content = io.BytesIO()
        h5py.File(content, "w").close()
        archive.writestr("model.weights.h5", content.getvalue())
    return path


def hdf5_file(path, config: dict):
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.19.0"
        file.create_group("model_weights").attrs["layer_names"] = []
    return path


@pytest.mark.parametrize("write", [keras_file, hdf5_file])
@pytest.mark.parametrize(
    ("described", "told"),
    [
        (lambda_of("os", "system"), "the layer Lambda of keras.layers"),
        (layer("Activation", activation=function("os", "system")), "the function system of os"),
        (layer("Activation", activation=function("builtins", "eval")), "the function eval"),
        (layer("Activation", activation=function("builtins", "deserialize")), "deserialize"),
        (layer("Activation", activation=function("keras.models", "load_model")), "load_model"),
        (layer("TFOpLambda", function="io.gfile.makedirs"), "tf.io.gfile.makedirs"),
        (layer("TFOpLambda", function="compat.v1.gfile.MakeDirs"), "tf.compat.v1.gfile"),
        (layer("TFOpLambda", function="compat.v1.write_file"), "tf.compat.v1.write_file"),
        (layer("TFOpLambda", function="compat.v1.load_file_system_library"), "load_file_system"),
        (layer("TFOpLambda", function="py_function"), "tf.py_function"),
        (layer("TFSMLayer", filepath="folder"), "the layer TFSMLayer"),
        (layer("ClassMethod", cls_symbol="io.TFRecordWriter"), "the layer ClassMethod"),
        ({**lambda_of("os", "system"), "class_name": "layers.Lambda", "module": "keras"}, "Lambda"),
        ({**lambda_of("os", "system"), "registered_name": "larq_bvit>RPReLU"}, "the layer Lambda"),
        ({**layer("Popen"), "module": "subprocess"}, "the layer Popen of subprocess"),
        (layer("Activation", activation=class_of("larq_bvit._quiet", "os.popen")), "os.popen"),
        (layer("Activation", activation=class_of("keras.models", "load_model")), "load_model"),
        (layer("Activation", activation=class_of("larq_bvit.zoo.weights", "read_weights")), "read"),
        (
            layer("Activation", activation={"class_name": "deserialize", "config": {}}),
            "deserialize",
        ),
        (layer("Activation", activation={"class_name": "__lambda__", "config": {}}), "__lambda__"),
        (layer("TensorFlowOpLayer", node_def={"op": "WriteFile"}), "the layer TensorFlowOpLayer"),
    ],
)
def test_code_that_a_description_names_is_refused(write, described, told, tmp_path):
    proof = tmp_path / "it ran"
    suffix = ".keras" if write is keras_file else ".h5"
    shell = "system" in str(described) or "popen" in str(described)
    command = f"mkdir '{proof}'" if shell else str(proof)
    path = write(tmp_path / f"model{suffix}", model_of(described, command))
    with pytest.raises(ValueError, match=f"it would run code of its own, .*{told}"):
        zoo.load_model(path)
    assert not proof.exists()


@pytest.mark.parametrize(
    "described",
    [
        lambda_of("os", "system"),
        layer("Activation", activation=class_of("larq_bvit._quiet", "os.popen")),
    ],
)
def test_without_the_check_it_would_run(described, tmp_path, monkeypatch):
    """So that the test above can fail."""
    module = sys.modules[zoo.load_model.__module__]  # its name is the function's
    monkeypatch.setattr(module, "check_saved_config", lambda path: None)
    proof = tmp_path / "it ran"
    path = keras_file(tmp_path / "model.keras", model_of(described, f"mkdir '{proof}'"))
    with pytest.raises(ValueError, match="can't load"):
        zoo.load_model(path)
    for _ in range(100):  # a process of its own
        if proof.is_dir():
            break
        time.sleep(0.1)
    assert proof.is_dir()


@pytest.mark.parametrize("name", ["model.keras", "model.h5", "folder"])
def test_operators_and_functions_of_numbers_are_not(name, tmp_path):
    inner = tf.keras.Sequential([L.Dense(3, activation="gelu", kernel_regularizer="l2")])
    inner.compile("adam", "mse", metrics=["accuracy"])
    x = inputs = L.Input((4,))
    x = tf.nn.relu(tf.reshape(x * 2 + 1, (-1, 2, 2)))[:, 0]
    x = L.Activation(tf.keras.activations.swish)(tf.concat([x, tf.math.exp(x)], axis=-1))
    model = tf.keras.Model(inputs, inner(x))
    model.compile("adam", tf.keras.losses.sparse_categorical_crossentropy)
    model.save(tmp_path / name)
    check_saved_config(tmp_path / name)
    x = tf.reshape(tf.range(8.0), (2, 4))
    assert (zoo.load_model(tmp_path / name)(x).numpy() == model(x).numpy()).all()


def test_what_is_registered_is_not(tmp_path):
    @tf.keras.utils.register_keras_serializable("theirs")
    class Mine(L.Layer):
        pass

    x = L.Input((2,))
    tf.keras.Model(x, Mine()(x)).save(tmp_path / "model.keras")
    assert isinstance(zoo.load_model(tmp_path / "model.keras").layers[-1], Mine)
