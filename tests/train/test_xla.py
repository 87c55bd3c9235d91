"""A train step that XLA compiles does what TensorFlow's graph does, with every layer of the zoo.

In float64, where no sign stands on a rounding edge. One step of gradient descent at rate 1 moves a
weight by its gradient, so equal weights mean equal gradients.
"""

import time

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.ops import control_flow_util

from larq_bvit import zoo
from larq_bvit.layers import drop_path
from larq_bvit.train.randomness import seed_all
from larq_bvit.zoo.named_weights import latent_weights
from larq_bvit.zoo.registry import MODELS
from tests.layers.common import normal
from tests.long import long_test
from tests.train.few_layers import FEW_LAYERS, few_layers, kind, values
from tests.train.small_run import fit, small_recipe
from tests.train.tiny_models import CLASSES, SIZE, tiny_model
from tests.zoo.common import randomise

# relative to a tensor's largest gradient, and to the largest of all where a tensor's own are noise
CLOSE, NOISE = 1e-8, 1e-12


def step(model, jit):
    """The loss and all weights after a step of training from the model's weights, and seconds."""
    loss = tf.keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(tf.keras.optimizers.SGD(1.0), loss, jit_compile=jit)
    images, labels = normal(2, SIZE, SIZE, 3), tf.one_hot([0, 1], CLASSES, dtype="float64")
    before = values(model)
    start = time.perf_counter()
    loss = model.train_on_batch(images, labels)
    seconds = time.perf_counter() - start
    after = values(model)
    with latent_weights():
        for weight, value in zip(model.weights, before.values(), strict=True):
            weight.assign(value)
    return loss, after, seconds


def check(build, record_property):
    tf.keras.backend.set_floatx("float64")
    model = randomise(build())
    before = values(model)
    loss, plain, graph_seconds = step(model, jit=False)
    compiled_loss, compiled, seconds = step(model, jit=True)
    record_property("graph seconds", round(graph_seconds, 1))
    record_property("XLA seconds", round(seconds, 1))
    assert compiled_loss == pytest.approx(loss, rel=1e-12)
    moves = {path: np.abs(plain[path] - before[path]).max() for path in before}
    largest = max(moves.values())
    for path, move in moves.items():
        allowed = CLOSE * move + NOISE * largest
        np.testing.assert_allclose(compiled[path], plain[path], 0, allowed, err_msg=path)
    assert np.mean([move > 0 for move in moves.values()]) > 0.9


@pytest.mark.parametrize("name", FEW_LAYERS)
def test_every_kind_of_layer(name, record_property):
    check(lambda: few_layers(name), record_property)


def test_drop_path():
    """Its random numbers are XLA's own: no two back ends draw the same."""
    seed_all(0)
    layer = drop_path(0.75)
    draw = tf.function(lambda: layer(tf.ones((64, 2, 2, 3)), training=True), jit_compile=True)
    first, second = draw().numpy(), draw().numpy()
    kept = first[:, 0, 0, 0]
    assert (first == kept[:, None, None, None]).all() and set(kept) == {0.0, 4.0}
    assert (first != second).any()


class SeesXla(tf.keras.callbacks.Callback):
    """Notes at every tracing of the train step whether it is for XLA."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_begin(self, logs=None):
        train_step = self.model.train_step

        def noting(data):
            graph = tf.compat.v1.get_default_graph()
            self.seen.append(control_flow_util.GraphOrParentsInXlaContext(graph))
            return train_step(data)

        self.model.train_step = noting


def test_a_run_with_jit(tmp_path, monkeypatch):
    """With a teacher, averages, metrics, loss scaling and all callbacks."""
    recipe = small_recipe(tmp_path, "jit=true", "precision=mixed_float16", "epochs=1")
    seen = SeesXla()
    fit(recipe, tmp_path / "run", monkeypatch, [seen])
    assert seen.seen and all(seen.seen)


def test_no_kind_of_layer_is_left_out():
    seen = {kind(layer) for name in FEW_LAYERS for layer in few_layers(name).layers}
    assert {kind(layer) for name in MODELS for layer in tiny_model(name).layers} <= seen


long = long_test("half an hour")


@long
@pytest.mark.parametrize("name", zoo.list_models())
def test_every_model_with_few_blocks(name, record_property):
    check(lambda: tiny_model(name), record_property)


@long
@pytest.mark.parametrize("name", zoo.list_models())
def test_every_operator_of_every_model(name):
    """XLA takes the whole step in, up to the code that it would generate.

    That is left out: TensorFlow 2.19 can hang there on a CPU, when a model as deep as ReActDeiT
    fills the queue of XLA's compiling threads.
    """
    options = {"input_shape": (SIZE, SIZE, 3), "num_classes": CLASSES}
    model = zoo.create(name, **options, classifier_activation=None)
    loss = tf.keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(tf.keras.optimizers.Adam(), loss)
    model.optimizer.build(model.trainable_variables)
    compiled = tf.function(lambda *data: model.train_step(data)["loss"], jit_compile=True)
    images, labels = normal(2, SIZE, SIZE, 3).astype("float32"), tf.one_hot([0, 1], CLASSES)
    lower = compiled.experimental_get_compiler_ir(tf.constant(images), labels)
    assert len(lower(stage="hlo_serialized", platform_name="CPU")) > 100_000
