"""Losses of distillation, against plain statements of them."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.distillation_losses import feature_loss, soft_loss
from tests.layers.common import normal


def softmax(logits):
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_soft_loss_and_its_gradient(temperature):
    teacher, student = normal(5, 7, seed=1) * 4, normal(5, 7, seed=2) * 4
    with tf.GradientTape() as tape:
        tape.watch(logits := tf.constant(student))
        losses = soft_loss(tf.constant(teacher), logits, temperature)
        mean = tf.reduce_mean(losses)
    target, guess = softmax(teacher / temperature), softmax(student / temperature)
    expected = -(target * np.log(guess)).sum(-1) * temperature**2
    np.testing.assert_allclose(losses, expected, rtol=1e-13)
    gradient = temperature * (guess - target) / 5
    np.testing.assert_allclose(tape.gradient(mean, logits), gradient, atol=1e-14)


def test_feature_loss_compares_the_directions_of_the_means():
    ours, theirs = normal(3, 2, 4, 6, seed=1), normal(3, 5, 3, 6, seed=2)
    a, b = ours.mean((1, 2)), theirs.mean((1, 2))
    cosine = (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
    losses = feature_loss(tf.constant(theirs), tf.constant(ours))
    np.testing.assert_allclose(losses, 2 - 2 * cosine, rtol=1e-12)
    assert np.all(feature_loss(tf.constant(7 * ours), tf.constant(ours)).numpy() < 1e-12)
