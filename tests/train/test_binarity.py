"""The three forms of a model: what has a sign, and what stays the same."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.layers import ApproxSign, BinaryProbability, ScaledSign
from larq_bvit.train.binarity import with_binary
from larq_bvit.zoo.macs import one_bit
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.registry import MODELS
from tests.layers.common import normal
from tests.train.tiny_models import tiny_model
from tests.zoo import common

SIGNS = (ApproxSign, BinaryProbability, ScaledSign)


def quantizers(model):
    names = ("input_quantizer", "kernel_quantizer", "probability_quantizer")
    found = [(name, getattr(layer, name, None)) for layer in model.layers for name in names]
    return [(name, quantizer) for name, quantizer in found if quantizer is not None]


def structure(model):
    return [(type(layer), layer.name, layer.output_shape) for layer in model.layers]


@pytest.mark.parametrize("name", sorted(MODELS))
def test_nothing_has_a_sign(name):
    model = tiny_model(name)
    twin = with_binary(model, "nothing")
    assert structure(twin) == structure(model) and twin.name == model.name
    assert not quantizers(twin) and not any(isinstance(m, SIGNS) for m in twin.submodules)
    profile = zoo.profile(twin)
    assert profile.binary_parameters == profile.binary_macs == 0
    clips = {path for path in named_weights(model) if path.endswith("probability/clip")}
    shapes = {path: w.shape for path, w in named_weights(model).items() if path not in clips}
    assert {path: w.shape for path, w in named_weights(twin).items()} == shapes
    assert bool(clips) == (name.startswith(("binaryvit", "reactdeit")))


@pytest.mark.parametrize(
    "name", ["binaryvit_nano", "reactdeit_small", "reactnet_18", "birealnet_50"]
)
def test_activations_keep_theirs(name):
    model = tiny_model(name)
    real = with_binary(model, "activations")
    assert structure(real) == structure(model)
    assert common.paths(real) == common.paths(model)
    assert not any(map(one_bit, real.weights)) and any(map(one_bit, model.weights))
    kept = [(n, type(q)) for n, q in quantizers(model) if n != "kernel_quantizer"]
    assert [(n, type(q)) for n, q in quantizers(real)] == kept


def test_all_is_the_model_itself():
    model = tiny_model("binaryvit_nano")
    assert with_binary(model, "all") is model


@pytest.mark.parametrize("binary", ["activations", "nothing"])
def test_weights_stay_and_latent_ones_start_anew(binary):
    model = tiny_model("reactnet_18")
    common.randomise(model)
    latent = {path for path, weight in named_weights(model).items() if one_bit(weight)}
    twin = named_weights(with_binary(model, binary))
    for path, weight in named_weights(model).items():
        if path in latent:  # uniform in +-1 / sqrt(fan in), where ReActNet's start above 0
            values, limit = twin[path].numpy(), np.prod(weight.shape[:-1]) ** -0.5
            assert values.min() < -0.9 * limit and 0.9 * limit < values.max() <= limit
        else:
            np.testing.assert_array_equal(twin[path].numpy(), weight.numpy())


def test_the_twin_computes_with_real_numbers():
    twin = with_binary(tiny_model("binaryvit_nano"), "nothing")
    x, q, k, v = (normal(2, 4, 6, 64, seed=seed).astype("float32") for seed in range(4))
    linear = twin.get_layer("stage1/block1/attention/query/linear")
    expected = x @ linear.kernel.numpy()[0, 0]
    np.testing.assert_allclose(linear(x), expected, rtol=1e-4, atol=1e-5)
    attend = twin.get_layer("stage1/block1/attention/attend")  # of one head
    q, k, v = (y.reshape(2, 24, 64) for y in (q, k, v))
    expected = np.asarray(tf.nn.softmax(q @ k.transpose(0, 2, 1) / 8)) @ v
    got = attend([y.reshape(2, 4, 6, 64) for y in (q, k, v)])
    np.testing.assert_allclose(got, expected.reshape(2, 4, 6, 64), rtol=1e-4, atol=1e-5)


def test_real_kernels_train():
    twin = with_binary(tiny_model("binaryvit_nano"), "nothing")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(twin(np.ones((2, 32, 32, 3), "float32"), training=True) ** 2)
    assert all(g is not None for g in tape.gradient(loss, twin.trainable_variables))
