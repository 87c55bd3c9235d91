"""Latent weights that are spread compute the same, and lie as trained ones do."""

import larq as lq
import numpy as np
import pytest
import tensorflow as tf
from tf_keras.src.mixed_precision.policy import policy_scope

from larq_bvit import layers, zoo
from larq_bvit.train import spread_latent
from larq_bvit.zoo.macs import one_bit
from larq_bvit.zoo.named_weights import latent_weights, named_weights
from tests.zoo.common import predict, randomise

KERNEL = (3, 3, 64, 32)


def scaled_signs(share, rng, shape=KERNEL, scale=0.25):
    """A kernel of +-scale, `share` of it positive."""
    bits = np.where(rng.random(shape) < share, 1.0, -1.0)
    return (bits * scale * rng.uniform(0.5, 1.5, shape[-1])).astype("float32")


def layer(kernel, quantizer):
    """A layer of a model that holds the kernel."""
    made = lq.layers.QuantConv2D(
        kernel.shape[-1], kernel.shape[:2], kernel_quantizer=quantizer, use_bias=False
    )
    model = tf.keras.Sequential([tf.keras.Input((None, None, kernel.shape[2])), made])
    made.set_weights([kernel])
    return model, made


def latent(made):
    with latent_weights():
        return made.kernel.numpy()


def spread(kernel, quantizer, seed=0):
    model, made = layer(kernel, quantizer)
    assert spread_latent(model, seed) == 1
    return latent(made)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.001, 0.0, 1.0])
def test_signs_and_scales_stay(centred, share):
    quantizer = layers.ScaledSign(centred=centred)
    # a centred channel of equal weights counts as positive
    kernel = quantizer(scaled_signs(share, np.random.default_rng(1))).numpy()
    after = spread(kernel, quantizer)
    np.testing.assert_allclose(quantizer(tf.constant(after)), kernel, rtol=2e-6)
    assert np.isfinite(after).all()
    if centred:  # a channel of equal weights has no distance from its centre
        varied = np.ptp(kernel, axis=(0, 1, 2)) > 0
        after, kernel = after[..., varied], kernel[..., varied]
    assert (after != kernel).sum() >= 0.9 * kernel.size


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_spreads_in_float32(policy):
    kernel = scaled_signs(0.5, np.random.default_rng(1))
    expected = spread(kernel, layers.ScaledSign())
    with policy_scope(policy):
        np.testing.assert_array_equal(spread(kernel, layers.ScaledSign()), expected)


def test_distances_are_half_normal():
    """Quantiles of |x| over its mean, x normal: those of its distribution, by tables."""
    kernel = scaled_signs(0.5, np.random.default_rng(1), (1, 1, 4096, 16))
    after = spread(kernel, layers.ScaledSign(centred=True)).reshape(-1, 16)
    distance = np.abs(after - after.mean(0)) / np.abs(after).mean(0)
    mean = 0.7979  # of |x|
    expected = [0.3186 / mean, 0.6745 / mean, 1.1503 / mean, 2.5758 / mean]
    np.testing.assert_allclose(np.quantile(distance, [0.25, 0.5, 0.75, 0.99]), expected, rtol=0.03)
    assert distance.min() > 0.03  # far above what rounding turns


def test_one_weight_against_all_others_keeps_its_sign():
    kernel = np.full((1, 1, 2048, 1), 0.25, "float32")
    kernel[0, 0, 7] *= -1
    quantizer = layers.ScaledSign(centred=True)
    np.testing.assert_allclose(quantizer(spread(kernel, quantizer)), kernel, rtol=2e-6)


def test_a_channel_of_zeros_stays():
    kernel = scaled_signs(0.5, np.random.default_rng(1))
    kernel[..., 3] = 0
    after = spread(kernel, layers.ScaledSign())
    assert not after[..., 3].any() and np.isfinite(after).all()


def test_the_seed_decides():
    kernel = scaled_signs(0.5, np.random.default_rng(1))
    first, again, other = (spread(kernel, layers.ScaledSign(), seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.9


@pytest.mark.parametrize("quantizer", [layers.ScaledSign(), "ste_sign", None])
def test_trained_and_other_kernels_are_left_as_they_are(quantizer):
    rng = np.random.default_rng(1)
    ones = np.sign(rng.standard_normal(KERNEL)).astype("float32")
    trained = isinstance(quantizer, layers.ScaledSign)
    kernel = rng.normal(0, 0.2, KERNEL).astype("float32") if trained else ones
    model, made = layer(kernel, quantizer)
    assert spread_latent(model) == 0
    np.testing.assert_array_equal(latent(made), kernel)


@pytest.mark.parametrize("name", ["binaryvit_nano", "reactnet_18"])
def test_a_packed_model_predicts_the_same(name, tmp_path):
    """In float64, in which no sign of an activation stands on a rounding edge."""

    def build():
        return zoo.create(name, input_shape=(32, 32, 3), num_classes=5, classifier_activation=None)

    def kernels(model):
        with latent_weights():
            return {
                path: weight.numpy()
                for path, weight in named_weights(model).items()
                if one_bit(weight)
            }

    path = zoo.save_weights(randomise(build()), tmp_path / "x.safetensors")
    tf.keras.backend.set_floatx("float64")
    model = build()
    zoo.load_weights(model, path)
    logits, packed = predict(model)[0], kernels(model)
    assert spread_latent(model) == len(packed) > 15
    np.testing.assert_allclose(predict(model)[0], logits, atol=1e-9 * np.abs(logits).max())
    for path, kernel in kernels(model).items():
        assert (kernel != packed[path]).mean() > 0.9
        quantizer = named_weights(model)[path].quantizer
        np.testing.assert_allclose(quantizer(tf.constant(kernel)), packed[path], rtol=1e-9)
