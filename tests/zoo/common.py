"""What every family of the zoo must do, checked on a tiny variant and on all its own ones.

test_contract = contract(BinaryViT, TINY)
test_variants = variants(BinaryViT, {"small": SMALL_WIDTHS, ...})
"""

import contextlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.zoo import architecture as architecture_module
from larq_bvit.zoo.architecture import Architecture
from larq_bvit.zoo.named_weights import named_weights
from tests.layers.common import normal, policy

Build = Callable[..., tf.keras.Model]
CLASSES = 5


def randomise(model: tf.keras.Model, seed: int = 0) -> tf.keras.Model:
    """Gives every weight random values, those of scales, variances and clips above 0."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        if weight.shape == ():
            weight.assign(rng.uniform(0.05, 0.2))
        elif weight.name.endswith(("gamma:0", "variance:0")):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        else:
            weight.assign(rng.normal(0, 0.2, weight.shape))
    return model


def predict(model: tf.keras.Model, training: bool = False) -> list[np.ndarray]:
    """Outputs on two images of the model's size."""
    x = normal(2, *model.input_shape[1:]).astype(model.input.dtype.as_numpy_dtype)
    return [np.asarray(y) for y in tf.nest.flatten(model(x, training=training))]


def paths(model: tf.keras.Model) -> list[tuple[str, tuple[int, ...]]]:
    """Names and shapes of all weights, in order."""
    return [(path, tuple(weight.shape)) for path, weight in named_weights(model).items()]


def same(model: tf.keras.Model, other: tf.keras.Model) -> None:
    """Both have the same layers and weights, by name, shape and value, and compute the same."""
    layers, others = ([(x.name, x.output_shape) for x in m.layers] for m in (model, other))
    assert layers == others
    assert paths(model) == paths(other)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(predict(model), predict(other), strict=True):
        np.testing.assert_array_equal(a, b)


def json_round_trips(build: Build, folder: Path) -> None:
    model = randomise(build())
    copy = tf.keras.models.model_from_json(model.to_json())
    copy.set_weights(model.get_weights())
    same(model, copy)
    # Keras gives the copy's weights bare names: `kernel:0`
    zoo.load_weights(model, zoo.save_weights(randomise(copy, seed=1), folder / "x.h5"))
    same(model, copy)
    zoo.import_torch(zoo.export_torch(randomise(model)), copy)
    same(model, copy)


def clone_is_equal(build: Build, folder: Path) -> None:
    model = randomise(build())
    clone = tf.keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    same(model, clone)


def weight_file_round_trips(build: Build, folder: Path) -> None:
    model, other = randomise(build()), build()  # a second model's weights have the same names
    zoo.load_weights(other, zoo.save_weights(model, folder / "x.h5"))
    same(model, other)


def torch_round_trips(build: Build, folder: Path) -> None:
    model, other = randomise(build()), build()
    state = zoo.export_torch(model)
    assert all(array.flags["C_CONTIGUOUS"] for array in state.values())
    assert zoo.import_torch(state, other) is other
    same(model, other)


def static_build_equals_traced(build: Build, folder: Path) -> None:
    model = randomise(build())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(architecture_module, "static_build", contextlib.nullcontext)
        traced = build()
    traced.set_weights(model.get_weights())
    same(model, traced)


def trains(build: Build, folder: Path) -> None:
    model = build()
    x = normal(4, *model.input_shape[1:]).astype("float32")
    with tf.GradientTape() as tape:
        y = model(x, training=True)
        losses = tf.keras.losses.sparse_categorical_crossentropy([0, 1, 2, 3], y)
    gradients = tape.gradient(losses, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        assert gradient is not None and np.isfinite(gradient).all(), variable.name


def other_inputs(build: Build, folder: Path) -> None:
    for channels in (1, 4):
        model = build(input_shape=(32, 64, channels))
        assert model.output_shape == (None, CLASSES)
        assert np.isfinite(predict(model)).all()


CHECKS = {
    "json": json_round_trips,
    "clone": clone_is_equal,
    "weight_file": weight_file_round_trips,
    "torch": torch_round_trips,
    "static_build": static_build_equals_traced,
    "trains": trains,
    "inputs": other_inputs,
}


def contract(architecture: Architecture, variant: Any) -> Callable[..., None]:
    """A test of all checks, on a tiny variant of 64x32 pixels."""

    @pytest.mark.parametrize("check", CHECKS)
    def test(check: str, tmp_path: Path) -> None:
        defaults = {"input_shape": (64, 32, 3), "num_classes": CLASSES}
        build = partial(architecture, variant)
        CHECKS[check](lambda **arguments: build(**{**defaults, **arguments}), tmp_path)

    return test


def variants(
    architecture: Architecture, levels: Mapping[str, tuple[tuple[int, int], ...]]
) -> Callable[..., None]:
    """A test of every variant: its pyramid in float64, its predictions under float16.

    Arguments:
        levels: per variant (stride, width) of every level.
    """
    height, width = 32, 64

    def pyramid(variant: str) -> None:
        model = architecture(variant, input_shape=(height, width, 3), features_only=True)
        shapes = [(2, height // s, width // s, channels) for s, channels in levels[variant]]
        maps = predict(model)
        assert [y.shape for y in maps] == shapes
        assert all(y.dtype == np.float64 and np.isfinite(y).all() for y in maps)
        assert len(tf.nest.flatten(model.output_shape)) == len(shapes) * 4

    def predictions(variant: str) -> None:
        model = architecture(variant, input_shape=(height, width, 3), num_classes=CLASSES)
        assert model.name == architecture.variant_name(variant)
        assert {weight.dtype for weight in model.weights} == {tf.float32}
        # as in training: before any, the statistics of batch norms are not yet the data's, and
        # without an affine layer a transformer's map grows sevenfold in every block
        (y,) = predict(model, training=True)
        assert y.shape == (2, CLASSES) and y.dtype == np.float32
        np.testing.assert_allclose(y.sum(1), 1, rtol=1e-5)

    @pytest.mark.parametrize("variant", architecture.variants)
    @pytest.mark.parametrize(
        ("name", "check"), [("float64", pyramid), ("mixed_float16", predictions)]
    )
    def test(variant: str, name: str, check: Callable[[str], None]) -> None:
        assert set(levels) == set(architecture.variants)
        with policy(name):
            check(variant)

    return test


def sources(model: tf.keras.Model, name: str) -> set[str]:
    """Names of the layers that a layer reads."""
    node = model.get_layer(name).inbound_nodes[0]
    return {layer.name for layer in tf.nest.flatten(node.inbound_layers)}


def sub_model(model: tf.keras.Model, *names: str) -> tf.keras.Model:
    """From the model's input to the outputs of the layers of these names."""
    return tf.keras.Model(model.input, [model.get_layer(name).output for name in names])


def features_stay_in_place(model: tf.keras.Model) -> None:
    """A change in one corner of the image changes features in that corner alone."""
    randomise(model)
    x = normal(1, *model.input_shape[1:]).astype("float32")
    for rows, columns in ((slice(8), slice(8)), (slice(8), slice(-8, None))):
        other = x.copy()
        other[:, rows, columns] += 1
        for a, b in zip(model(x), model(other), strict=True):
            changed = np.any(a.numpy() != b.numpy(), axis=(0, 3))
            high, wide = (n // 2 for n in changed.shape)
            corner = changed[:high, :wide] if columns.stop else changed[:high, wide:]
            assert corner.any() and corner.sum() == changed.sum()
