"""Whole models from files, and nothing that would run."""

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import layers, zoo

L = tf.keras.layers


@pytest.fixture(scope="module")
def model() -> tf.keras.Model:
    """Layers and quantizers of this package and of Larq."""
    tf.keras.utils.set_random_seed(1)
    x = inputs = L.Input((8, 8, 3))
    x = layers.RPReLU()(layers.binary_conv(16, 3)(L.Conv2D(16, 1)(x)))
    quantizers = {"input_quantizer": "ste_sign", "kernel_quantizer": lq.quantizers.SwishSign()}
    x = lq.layers.QuantConv2D(4, 3, **quantizers)(layers.PoolingBranches()(x))
    return tf.keras.Model(inputs, L.Dense(3)(L.GlobalAveragePooling2D()(x)))


@pytest.mark.parametrize("name", ["model.keras", "model.h5", "model.hdf5", "folder"])
def test_what_was_saved_is_loaded(model, tmp_path, name):
    path = tmp_path / name
    model.save(path)
    for again in (zoo.load_model(path), zoo.load_model(str(path))):
        x = np.random.RandomState(0).standard_normal((2, 8, 8, 3)).astype("float32")
        np.testing.assert_array_equal(again(x), model(x))
        assert again._is_graph_network, "its graph can be read, as converting needs"
        assert [type(layer) for layer in again.layers] == [type(layer) for layer in model.layers]
        assert again.optimizer is None
        assert again.class_names is None and again.preprocessing is None


def with_code(path, proof) -> None:
    """Saves a model whose code would leave a proof."""
    x = L.Input((2,))
    layer = L.Lambda(lambda x, proof=str(proof): [open(proof, "w").close(), x * 2][1], (2,))
    tf.keras.Model(x, layer(x)).save(path)
    proof.unlink()


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_code_in_a_file_is_refused(tmp_path, name):
    path, proof = tmp_path / name, tmp_path / "it ran"
    with_code(path, proof)
    with pytest.raises(ValueError, match="can't load a Keras model from .*[Ll]ambda"):
        zoo.load_model(path)
    assert not proof.exists()


def test_code_in_a_folder_is_not_run(tmp_path):
    path, proof = tmp_path / "folder", tmp_path / "it ran"
    with_code(path, proof)
    with pytest.raises(ValueError, match="it would run code of its own, the layer Lambda"):
        zoo.load_model(path)
    assert not proof.exists()


def test_the_safe_mode_ends_with_the_call(model, tmp_path):
    model.save(tmp_path / "model.h5")
    zoo.load_model(tmp_path / "model.h5")
    x = L.Input((2,))
    tf.keras.Model(x, L.Lambda(lambda x: x * 2)(x)).save(tmp_path / "lambda.h5")
    again = tf.keras.models.load_model(tmp_path / "lambda.h5", compile=False)
    assert again(tf.ones((1, 2))).numpy().tolist() == [[2, 2]]


def test_no_such_file(tmp_path):
    with pytest.raises(ValueError, match=r"no model at .*missing\.keras"):
        zoo.load_model(tmp_path / "missing.keras")


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"TFL3")
    with pytest.raises(ValueError, match=r"expected a \.keras or \.h5 file or a SavedModel"):
        zoo.load_model(path)


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_damaged_files_are_a_value_error_of_one_line(model, tmp_path, name):
    path = tmp_path / name
    model.save(path)
    whole = path.read_bytes()
    for content in (b"", b"nonsense", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="can't load a Keras model from") as error:
            zoo.load_model(path)
        assert "\n" not in str(error.value)


def test_an_empty_folder(tmp_path):
    with pytest.raises(ValueError, match="can't load a Keras model from"):
        zoo.load_model(tmp_path)


def test_weights_alone_are_no_model(model, tmp_path):
    model.save_weights(tmp_path / "weights.h5")
    with pytest.raises(ValueError, match=r"weights alone: build the model, then zoo\.load_weights"):
        zoo.load_model(tmp_path / "weights.h5")


def test_a_layer_that_is_not_known_is_named(tmp_path):
    class Mine(L.Layer):
        pass

    x = L.Input((2,))
    tf.keras.Model(x, Mine()(x)).save(tmp_path / "model.h5")
    with pytest.raises(ValueError, match="Mine"):
        zoo.load_model(tmp_path / "model.h5")
