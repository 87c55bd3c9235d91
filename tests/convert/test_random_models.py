"""Small random Larq models: what LCE runs is what Keras computes, in all its kernels."""

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert
from tests.convert.models import unsettle

L = tf.keras.layers
KERNELS = [{}, {"use_reference_bconv": True}, {"use_indirect_bgemm": True}]


def binary(x, rng: np.random.RandomState):
    """One of Larq's binary convolutions."""
    return lq.layers.QuantConv2D(
        int(rng.choice([5, 32, 33, 64])),
        int(rng.choice([1, 3])),
        strides=int(rng.choice([1, 1, 2])),
        padding=str(rng.choice(["same", "same", "valid"])) if x.shape[1] > 4 else "same",
        # the reference kernel pads with zeros only where the number of channels is even
        pad_values=1 if x.shape[-1] % 2 else int(rng.choice([0, 1])),
        use_bias=bool(rng.choice([False, True])),
        input_quantizer=str(rng.choice(["ste_sign", "approx_sign", "swish_sign"])),
        kernel_quantizer=str(rng.choice(["ste_sign", "magnitude_aware_sign"])),
        kernel_constraint="weight_clip",
        kernel_initializer="random_normal",
    )(x)


def model(seed: int) -> tf.keras.Model:
    """A few binary convolutions with other layers between, and a little head."""
    rng = np.random.RandomState(seed)
    tf.keras.utils.set_random_seed(seed)
    x = inputs = L.Input((9 + seed % 2, 10, int(rng.choice([3, 32, 40]))))
    between = [
        lambda x: x,
        lambda x: L.PReLU(shared_axes=[1, 2])(x),
        lambda x: L.ReLU(6 if rng.uniform() < 0.5 else None)(x),
        lambda x: L.MaxPooling2D(2, 1, padding="same")(x),
        lambda x: L.AveragePooling2D(2, 1, padding="same")(x),
        lambda x: L.Concatenate()([x, x]),
    ]
    for _ in range(3):
        y = binary(x, rng)
        for _ in range(2):
            if rng.uniform() < 0.6:
                y = L.BatchNormalization()(y)
            y = between[rng.randint(len(between))](y)
        # off the ties: LCE's sums are exact, and sign(0) is not the sign of a rounding error
        y = L.BatchNormalization()(y)
        x = L.Add()([x, y]) if x.shape == y.shape else y
    return unsettle(tf.keras.Model(inputs, x), seed)


@pytest.mark.parametrize("seed", range(12))
def test_lce_runs_what_keras_computes(seed):
    keras = model(seed)
    tflite = convert.to_tflite(keras)
    assert convert.count_ops(tflite)["LceBconv2d"] == 3
    x = np.random.RandomState(seed).standard_normal((1, *keras.input_shape[1:])).astype("float32")
    expected = keras(x, training=False).numpy()
    for kernels in KERNELS:
        got = convert.Interpreter(tflite, **kernels).predict(x)
        assert np.abs(got - expected).max() < 1e-4 * np.abs(expected).max(), kernels
