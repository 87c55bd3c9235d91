"""Models built without tracing are those that Keras traces; every family is in its own test."""

import contextlib
import gc
import sys
import threading
import time

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.zoo import BinaryViT, architecture
from larq_bvit.zoo.static_build import static_build
from tests.layers.common import policy
from tests.zoo import common
from tests.zoo.test_binaryvit import TINY

layers = tf.keras.layers


class Unstated(layers.Layer):
    """States no shape, so must be traced."""

    def build(self, input_shape):
        self.weight = self.add_weight(name="weight", shape=(3,))

    def call(self, inputs):
        return {"sum": tf.reduce_sum(inputs + self.weight, -1), "half": inputs[:, ::2]}


class Failing(layers.Layer):
    """States a shape and can't be built."""

    def build(self, input_shape):
        raise RuntimeError("no weights for you")

    def compute_output_shape(self, input_shape):
        return input_shape


def build_unstated():
    x = tf.keras.Input((4, 6, 3))
    y = layers.Activation("relu")(Unstated(name="unstated")(x)["half"])
    y = layers.Lambda(lambda t: t[..., 0], name="lambda")(layers.Conv2D(2, 1, name="conv")(y))
    inner = tf.keras.Sequential([layers.Dense(3, name="dense")], name="inner")
    return tf.keras.Model(x, inner(y))


@pytest.mark.parametrize("name", ["float32", "mixed_float16", "float64"])
def test_every_layer_equals_traced(name, monkeypatch):
    def build():
        with policy(name):
            return BinaryViT(TINY, input_shape=(32, 64, 3), num_classes=5, drop_path=0.1)

    model = common.randomise(build())
    monkeypatch.setattr(architecture, "static_build", contextlib.nullcontext)
    traced = build()
    traced.set_weights(model.get_weights())
    common.same(model, traced)
    for a, b in zip(model.layers, traced.layers, strict=True):
        for x, y in zip(*(tf.nest.flatten(layer.output) for layer in (a, b)), strict=True):
            assert (x.shape.as_list(), x.dtype) == (y.shape.as_list(), y.dtype), a.name


def test_layers_that_state_no_shape_are_traced():
    with static_build():
        model = build_unstated()
    tf.keras.backend.reset_uids()
    traced = build_unstated()
    assert [y.shape.as_list() for y in model.outputs] == [[None, 2, 3]]
    traced.set_weights(model.get_weights())
    common.same(model, traced)


def test_layers_of_several_inputs_are_traced():
    """They state their shape by more than their first input's, or give more than they state."""
    image = tf.keras.Input((16, 8))
    with static_build():
        attended = layers.MultiHeadAttention(2, 4)(image, image)
        mixed, scores = layers.Attention()([image, image], return_attention_scores=True)
    shapes = [tuple(y.shape) for y in (attended, mixed, scores)]
    assert shapes == [(None, 16, 8), (None, 16, 8), (None, 16, 16)]


def test_nothing_is_traced(monkeypatch):
    def call(self, inputs):
        raise AssertionError("traced")

    monkeypatch.setattr(layers.ReLU, "call", call)
    with static_build():
        y = layers.ReLU()(tf.keras.Input((4,)))
    assert y.shape.as_list() == [None, 4]


def test_everything_is_as_before_after_an_exception():
    before = layers.Layer._infer_output_signature
    with pytest.raises(RuntimeError, match="no weights for you"), static_build():
        assert layers.Layer._infer_output_signature is not before and not gc.isenabled()
        Failing()(tf.keras.Input((4,)))
    assert layers.Layer._infer_output_signature is before and gc.isenabled()


def test_garbage_collection_stays_off_where_it_was():
    gc.disable()
    try:
        with static_build():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_models_of_more_than_a_thousand_layers_in_a_row():
    limit = sys.getrecursionlimit()
    with static_build():
        x = y = tf.keras.Input((4,))
        for _ in range(1500):
            y = layers.ReLU()(y)
        model = tf.keras.Model(x, y)
    assert len(model.layers) == 1501
    assert sys.getrecursionlimit() == limit


def test_nested():
    before = layers.Layer._infer_output_signature
    with static_build():
        with static_build():
            pass
        y = layers.Dense(3)(tf.keras.Input((4,)))
        assert y.shape.as_list() == [None, 3] and not gc.isenabled()
    assert layers.Layer._infer_output_signature is before and gc.isenabled()


def test_threads_wait_for_each_other():
    before = layers.Layer._infer_output_signature
    first_is_in, second_asks = threading.Event(), threading.Event()

    def first():
        with static_build():
            first_is_in.set()
            second_asks.wait(5)
            time.sleep(0.1)  # enough for the second one to come in, if it did not wait

    def second():
        first_is_in.wait(5)
        second_asks.set()
        with static_build():
            time.sleep(0.2)

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert layers.Layer._infer_output_signature is before and gc.isenabled()


def test_an_unknown_keras_is_slow_but_right(monkeypatch):
    monkeypatch.setattr("larq_bvit.zoo.static_build._LAYER", object)
    with static_build():
        model = build_unstated()
    assert model(np.ones((2, 4, 6, 3))).shape == (2, 2, 3)
