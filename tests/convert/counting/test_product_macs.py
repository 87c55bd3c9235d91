"""Multiply-accumulates by hand, of operators that the zoo's models don't have."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert
from tests.convert.small import grouped_binary
from tests.delegate import needs_lce

L = tf.keras.layers


def products(y, x):
    tflite = tf.lite.TFLiteConverter.from_keras_model(tf.keras.Model(x, y)).convert()
    return [(p.operator, p.macs) for p in convert.census(tflite).products]


def test_transposed_convolution():
    x = L.Input((5, 4, 3), 2)
    y = L.Conv2DTranspose(7, 3, strides=2, padding="same")(x)
    assert products(y, x) == [("TRANSPOSE_CONV", 2 * 5 * 4 * 3 * 3 * 3 * 7)]


def test_convolution_in_three_dimensions():
    x = L.Input((6, 5, 4, 3), 2)
    y = L.Conv3D(7, (3, 2, 1), padding="same")(x)
    assert products(y, x) == [("CONV_3D", 2 * 6 * 5 * 4 * 7 * 3 * 2 * 1 * 3)]


def test_groups():
    x = L.Input((5, 4, 6), 1)
    assert products(L.Conv2D(8, 3, padding="same", groups=2)(x), x) == [
        ("CONV_2D", 5 * 4 * 8 * 9 * 3)
    ]


@needs_lce
def test_groups_of_a_binary_convolution():
    (product,) = convert.census(grouped_binary()).products
    assert (product.operator, product.macs) == ("LceBconv2d", 3 * 2 * 8 * 9 * 32)


@pytest.mark.parametrize("adjoint", [False, True])
def test_batches_of_matrices(adjoint):
    """(2, 3, 5, 7) times (2, 3, 7, 4)."""
    a = L.Input((3, 7, 5) if adjoint else (3, 5, 7), 2)
    b = L.Input((3, 7, 4), 2)
    y = tf.matmul(a, b, transpose_a=adjoint)
    assert products(y, [a, b]) == [("BATCH_MATMUL", 2 * 3 * 5 * 7 * 4)]


def test_a_constant_matrix():
    x = L.Input((5, 7), 2)
    y = tf.matmul(x, np.ones((7, 4), "float32"))
    assert sum(macs for _, macs in products(y, x)) == 2 * 5 * 7 * 4
