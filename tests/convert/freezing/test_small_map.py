"""LCE's wrong zero padding on small maps, and the way around it."""

import larq_compute_engine as lce
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert, layers
from tests.convert.models import constant_kernels


def conv_model(size: tuple[int, int], stride: int, kernel: int = 3) -> tf.keras.Model:
    x = tf.keras.Input((*size, 32), 1)
    model = tf.keras.Model(x, layers.binary_conv(16, kernel, stride, name="conv")(x))
    model.set_weights([np.random.RandomState(0).standard_normal((kernel, kernel, 32, 16))])
    return model


def image(size: tuple[int, int]) -> np.ndarray:
    return np.random.RandomState(1).standard_normal((1, *size, 32)).astype("float32")


def error(model: tf.keras.Model, tflite: bytes, x: np.ndarray, **kernels) -> float:
    return float(np.abs(convert.Interpreter(tflite, **kernels).predict(x) - model(x)).max())


def test_lce_alone_gets_it_wrong():
    model, x = conv_model((2, 2), 1), image((2, 2))
    alone = lce.convert_keras_model(constant_kernels(model))
    assert convert.count_ops(alone)["LceBconv2d"] == 1
    assert error(model, alone, x, use_reference_bconv=True) < 1e-4
    assert error(model, alone, x) > 1
    assert error(model, alone, x, use_indirect_bgemm=True) > 1


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 3), (4, 4), (3, 5)])
@pytest.mark.parametrize("stride", [1, 2])
def test_ours_is_right(size, stride):
    model, x = conv_model(size, stride), image(size)
    tflite = convert.to_tflite(model)
    assert convert.count_ops(tflite)["LceBconv2d"] == 1
    for kernels in ({}, {"use_reference_bconv": True}, {"use_indirect_bgemm": True}):
        assert error(model, tflite, x, **kernels) < 1e-4


def test_what_cannot_be_rewritten_is_refused():
    with pytest.raises(ValueError, match="miscomputes 'conv': a zero-padded 5x5 .* on a 4x4 map"):
        convert.to_tflite(conv_model((4, 4), 1, kernel=5))
