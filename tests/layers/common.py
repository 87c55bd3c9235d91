"""The contract that every layer and quantizer keeps, and what the tests share.

    test_contract = contract(lambda: ChannelTile(3), (4, 6, 8))

runs every check below on a layer of inputs (B, 4, 6, 8). Give arguments other than the defaults:
a configuration that forgets one is found by what the copy computes.
"""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

POLICIES = ("float64", "float32", "mixed_float16", "mixed_bfloat16")

Make = Callable[[], tf.keras.layers.Layer]
Shapes = tuple[tuple[int, ...], ...]

close = partial(np.testing.assert_allclose, rtol=1e-11, atol=1e-12)


@contextlib.contextmanager
def policy(name: str) -> Iterator[None]:
    """While open, new layers have this dtype policy; float32 afterwards."""
    before = tf.keras.mixed_precision.global_policy()
    tf.keras.mixed_precision.set_global_policy(name)
    try:
        yield
    finally:
        tf.keras.mixed_precision.set_global_policy(before)


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers on both sides of 0 and of +-1."""
    return np.random.default_rng(seed).normal(size=shape)


def randomise(weights: list[tf.Variable], seed: int = 0) -> list[np.ndarray]:
    """Gives every weight random values and returns them; scalars stay positive, as clips must."""
    rng = np.random.default_rng(seed)
    for weight in weights:
        low = 0.05 if weight.shape == () else -0.5
        weight.assign(rng.uniform(low, 0.5, weight.shape))
    return [weight.numpy() for weight in weights]


def run(layer: tf.keras.layers.Layer, *inputs: np.ndarray, **call: Any) -> tuple[Any, ...]:
    """Output y, random dy, and the gradients of sum(y * dy) by inputs and by trainable weights.

    Whatever there is one of comes bare, several come as a list.
    """
    x = [tf.constant(array) for array in inputs]
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.nest.flatten(layer(bare(x), **call))
        dy = [normal(*t.shape, seed=i + 1) for i, t in enumerate(y)]
        loss = tf.add_n([tf.reduce_sum(t * d) for t, d in zip(y, dy, strict=True)])
    dx, dw = tape.gradient(loss, [x, layer.trainable_variables])
    y, dx, dw = ([np.asarray(t) for t in tensors] for tensors in (y, dx, dw))
    return bare(y), bare(dy), bare(dx), bare(dw)


def bare(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else items


def correlate(x: np.ndarray, w: np.ndarray, stride: int, pads: tuple[int, int]) -> np.ndarray:
    """Convolution of maps (B, H, W, C), zero-padded by `pads` (before, after) on both axes."""
    x = np.pad(x, [(0, 0), pads, pads, (0, 0)])
    high, wide = w.shape[:2]
    rows = range(0, x.shape[1] - high + 1, stride)
    columns = range(0, x.shape[2] - wide + 1, stride)
    return np.array(
        [
            [[np.tensordot(s[i : i + high, j : j + wide], w, 3) for j in columns] for i in rows]
            for s in x
        ]
    )


def _functional(make: Make, shapes: Shapes) -> tf.keras.Model:
    inputs = [tf.keras.Input(shape) for shape in shapes]
    return tf.keras.Model(inputs, make()(bare(inputs)))


def _same(model: tf.keras.Model, other: tf.keras.Model, shapes: Shapes) -> None:
    x = [normal(2, *shape, seed=i).astype("float32") for i, shape in enumerate(shapes)]
    expected, got = (tf.nest.flatten(m(bare(x))) for m in (model, other))
    for a, b in zip(expected, got, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-6, atol=1e-6)


def config_round_trips(make: Make, shapes: Shapes, folder: Path) -> None:
    layer = make()
    config = layer.get_config()
    copy = type(layer).from_config(config)
    assert type(copy) is type(layer) and copy.get_config() == config
    parameters = inspect.signature(type(layer).__init__).parameters.values()
    named = {p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    assert named - {"self", "dynamic"} <= set(config)  # Keras states `dynamic` only where true


def policy_is_part_of_config(make: Make, shapes: Shapes, folder: Path) -> None:
    with policy("mixed_float16"):
        layer = make()
    copy = type(layer).from_config(layer.get_config())  # under float32, as on another machine
    y = copy(bare([tf.ones((2, *shape)) for shape in shapes]))
    assert {t.dtype for t in tf.nest.flatten(y)} == {tf.float16}


def output_shape_is_stated(make: Make, shapes: Shapes, folder: Path) -> None:
    layer = make()
    for batch, of in ((2, tf.ones), (None, lambda shape: tf.keras.Input(shape[1:]))):
        y = layer(bare([of((batch, *shape)) for shape in shapes]))
        stated = layer.compute_output_shape(bare([tf.TensorShape((batch, *s)) for s in shapes]))
        real = tf.nest.map_structure(lambda t: t.shape.as_list(), y)
        assert tf.nest.map_structure(lambda s: tf.TensorShape(s).as_list(), stated) == real


def saved_model_round_trips(make: Make, shapes: Shapes, folder: Path) -> None:
    model = _functional(make, shapes)
    randomise(model.weights)
    model.save(str(folder / "model"))
    loaded = tf.keras.models.load_model(str(folder / "model"))
    assert type(loaded.layers[-1]) is type(model.layers[-1])
    _same(model, loaded, shapes)


def hdf5_weights_round_trip(make: Make, shapes: Shapes, folder: Path) -> None:
    model, other = _functional(make, shapes), _functional(make, shapes)
    saved = randomise(model.weights)
    model.save_weights(str(folder / "x.h5"))
    assert not any((w.numpy() == s).all() for w, s in zip(other.weights, saved, strict=True))
    other.load_weights(str(folder / "x.h5"))
    assert all((w.numpy() == s).all() for w, s in zip(other.weights, saved, strict=True))
    _same(model, other, shapes)


def clone_is_equal(make: Make, shapes: Shapes, folder: Path) -> None:
    model = _functional(make, shapes)
    randomise(model.weights)
    clone = tf.keras.models.clone_model(model)
    assert type(clone.layers[-1]) is type(model.layers[-1])
    clone.set_weights(model.get_weights())
    _same(model, clone, shapes)


def trains_under(name: str, make: Make, shapes: Shapes, folder: Path) -> None:
    with policy(name):
        layer = make()
    x = [tf.constant(normal(2, *s, seed=i), layer.compute_dtype) for i, s in enumerate(shapes)]
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.nest.flatten(layer(bare(x)))
        loss = tf.add_n([tf.reduce_sum(t) for t in y])
    gradients = tape.gradient(loss, [*x, *layer.trainable_variables])
    assert {t.dtype for t in y} == {tf.as_dtype(layer.compute_dtype)}
    assert all(w.dtype == layer.variable_dtype for w in layer.weights)
    for tensor in (*y, *gradients):
        assert tensor is not None and np.isfinite(tf.cast(tensor, tf.float64)).all()


CHECKS = {
    "config": config_round_trips,
    "policy": policy_is_part_of_config,
    "shape": output_shape_is_stated,
    "saved_model": saved_model_round_trips,
    "hdf5": hdf5_weights_round_trip,
    "clone": clone_is_equal,
    **{name: partial(trains_under, name) for name in POLICIES},
}


def contract(make: Make, *shapes: tuple[int, ...]) -> Callable[..., None]:
    """A test of all checks, for a layer made by `make` of inputs (B, *shape)."""

    @pytest.mark.parametrize("check", CHECKS)
    def test(check: str, tmp_path: Path) -> None:
        with policy("float32"):
            CHECKS[check](make, shapes, tmp_path)

    return test
