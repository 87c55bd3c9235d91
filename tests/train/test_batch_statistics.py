"""Statistics of batch normalisation against NumPy and against Keras' own of one batch."""

import numpy as np
import pytest
import tensorflow as tf
from tf_keras.src.mixed_precision.policy import policy_scope

from larq_bvit import zoo
from larq_bvit.train import precise_bn
from larq_bvit.zoo.named_weights import latent_weights, named_weights
from tests.zoo.common import randomise

keras = tf.keras.layers
CHANNELS = 5


def batches(*sizes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(3, 2, (n, 4, 6, CHANNELS)).astype("float32") for n in sizes]


def norms(*between, **arguments):
    """Two norms, random but for their statistics, and layers between them."""
    image = tf.keras.Input((4, 6, CHANNELS))
    x = keras.BatchNormalization(name="first", **arguments)(image)
    for layer in between:
        x = layer(x)
    x = keras.BatchNormalization(name="second", scale=False, dtype="float32")(x)
    return randomise(tf.keras.Model(image, x))


def statistics(model, name):
    layer = model.get_layer(name)
    return layer.moving_mean.numpy(), layer.moving_variance.numpy()


def values(model):
    with latent_weights():
        return {path: weight.numpy() for path, weight in named_weights(model).items()}


def in_numpy(model, images):
    """What both norms of `norms()` should have."""
    first = model.get_layer("first")
    all_of_first = np.concatenate([x.reshape(-1, CHANNELS) for x in images]).astype("float64")
    passed = []
    for x in images:
        x = x.astype("float64")
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        normal = (x - mean) / np.sqrt(variance + first.epsilon)
        passed.append(normal * first.gamma.numpy() + first.beta.numpy())
    all_of_second = np.concatenate([x.reshape(-1, CHANNELS) for x in passed])
    return [(x.mean(0), x.var(0)) for x in (all_of_first, all_of_second)]


@pytest.mark.parametrize("dropout", [False, True])
def test_means_over_batches_of_different_sizes(dropout):
    model = norms(*[keras.Dropout(0.5)] * dropout)
    images = batches(8, 8, 3)
    expected = in_numpy(model, images)
    assert precise_bn(model, iter(images)) == 19
    for name, (mean, variance) in zip(("first", "second"), expected, strict=True):
        got = statistics(model, name)
        np.testing.assert_allclose(got[0], mean, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(got[1], variance, rtol=1e-5)


def test_of_one_batch_they_are_those_that_keras_has():
    """But for Bessel's correction, by which Keras' variances are larger."""
    model = zoo.ReActNet(
        zoo.ReActNetVariant(widths=(8, 16)), input_shape=(32, 32, 3), num_classes=3
    )
    images = np.random.default_rng(1).normal(size=(16, 32, 32, 3)).astype("float32")
    layers = [layer for layer in model.layers if isinstance(layer, keras.BatchNormalization)]
    for layer in layers:
        layer.momentum = 0.0
    expected_output = model(images, training=True).numpy()
    expected = [(layer.moving_mean.numpy(), layer.moving_variance.numpy()) for layer in layers]
    precise_bn(randomised_statistics(model, layers), [images])
    assert len(layers) > 3
    for layer, (mean, variance) in zip(layers, expected, strict=True):
        np.testing.assert_allclose(layer.moving_mean, mean, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(layer.moving_variance, variance, rtol=0.02)
    np.testing.assert_allclose(model(images), expected_output, rtol=0.05, atol=0.01)


def randomised_statistics(model, layers):
    for layer in layers:
        layer.moving_mean.assign(tf.random.normal(layer.moving_mean.shape))
    return model


def test_nothing_else_changes():
    model = randomise(zoo.BiRealNet(input_shape=(32, 32, 3), num_classes=3))
    before = values(model)
    precise_bn(model, [np.ones((4, 32, 32, 3), np.float32) * np.arange(4)[:, None, None, None]])
    changed = {
        path for path, value in values(model).items() if not np.array_equal(value, before[path])
    }
    assert changed == {path for path in before if "/moving_" in path}
    assert not any("call" in vars(layer) for layer in model.layers)


def test_frozen_layers_keep_theirs():
    model = norms()
    model.get_layer("first").trainable = False
    before = values(model)
    precise_bn(model, batches(8))
    after = values(model)
    assert np.array_equal(after["first/moving_mean"], before["first/moving_mean"])
    assert not np.array_equal(after["second/moving_mean"], before["second/moving_mean"])


def test_half_precision_is_measured_in_single():
    with policy_scope("mixed_float16"):
        model = norms()
    images = [x + 1000 for x in batches(64)]  # squares that half precision doesn't have
    precise_bn(model, images)
    half = np.concatenate(images).astype("float16").astype("float64")
    mean, variance = statistics(model, "first")
    np.testing.assert_allclose(mean, half.mean((0, 1, 2)), rtol=1e-5)
    np.testing.assert_allclose(variance, half.var((0, 1, 2)), rtol=1e-3)


def nan():
    return [*batches(4), np.full((4, 4, 6, CHANNELS), np.nan, np.float32)]


def broken():
    yield from batches(4)
    raise OSError("no such image")


@pytest.mark.parametrize(
    ("arguments", "images", "error", "message"),
    [
        ({}, list, ValueError, "expected images to measure batch normalisation by; got none"),
        ({}, nan, ValueError, "(first|second) of model has statistics that are no numbers"),
        ({}, broken, OSError, "no such image"),
        ({"axis": 1}, lambda: batches(4), ValueError, r"last axis, 3; got .*1"),
    ],
)
def test_after_an_error_the_model_is_as_before(arguments, images, error, message):
    model = norms(**arguments)
    before = values(model)
    with pytest.raises(error, match=message):
        precise_bn(model, images())
    after = values(model)
    assert all(np.array_equal(after[path], before[path]) for path in before)
    assert not any("call" in vars(layer) for layer in model.layers)


def test_models_without_batch_normalisation():
    image = tf.keras.Input((3,), name="image")
    model = tf.keras.Model(image, keras.Dense(2)(image), name="dense")
    with pytest.raises(ValueError, match="that is not frozen; dense has none"):
        precise_bn(model, [np.zeros((2, 3))])
