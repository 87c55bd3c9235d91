"""BinaryProbability: 0 or a learned clip."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers import BinaryProbability
from larq_bvit.layers.binary_probability import binary_probability
from tests.layers.common import close, contract, normal, run

test_contract = contract(lambda: BinaryProbability(initial_clip=0.3), (4, 6, 8))


@pytest.mark.parametrize("clip", [0.4, 1.7])
def test_equals_numpy(clip):
    p = normal(3, 4, 5)  # negative numbers too: their gradient is 0
    y, dy, dp, dclip = run(BinaryProbability(initial_clip=clip), p)
    inside, above = (p >= 0) & (p <= clip), p > clip
    assert inside.any() and above.any()
    close(y, np.where(p > clip / 2, clip, 0))
    close(dp, dy * inside)
    nearest = p > clip / 2
    close(dclip, (dy * (inside * (nearest - p / clip) + above)).sum())


def test_trap_8_rounds_half_to_even_then_clamps():
    clip = 0.25
    ratio = np.array([-0.75, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 100.0])
    layer = BinaryProbability(initial_clip=clip)
    y, dy, dp, dclip = run(layer, ratio * clip)
    assert (y / clip).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1]
    assert (dp / dy).tolist() == [0, 1, 1, 1, 1, 1, 0, 0, 0]
    close(dclip, dy @ [0, 0, -0.25, -0.5, 0.25, 0, 1, 1, 1])


def test_clip_starts_as_published():
    layer = BinaryProbability()
    layer.build((None, 3))
    assert layer.clip.numpy() == 0.005 and layer.clip.trainable


def test_an_optimizer_cannot_switch_attention_off():
    layer = BinaryProbability()
    p = tf.constant([0.25, 0.75])
    optimizer = tf.keras.optimizers.Adam(0.1)
    for sign in (1, 1, 1, -1):  # away with the output, then back
        with tf.GradientTape() as tape:
            loss = sign * tf.reduce_sum(layer(p))
        gradient = tape.gradient(loss, layer.clip)
        assert gradient.numpy() == sign * 2  # alive, however small the clip
        optimizer.apply_gradients([(gradient, layer.clip)])
        if sign == 1:
            assert layer.clip.numpy() == np.float32(1e-5)


def test_the_smallest_clip_in_half_precision():
    """`p / clip` is infinite there."""
    p, clip = tf.constant([1.0, 0.0], tf.float16), tf.constant(1e-5, tf.float16)
    with tf.GradientTape() as tape:
        tape.watch([p, clip])
        y = binary_probability(p, clip)
    dp, dclip = tape.gradient(y, [p, clip])
    assert y.numpy().tolist() == [clip.numpy(), 0]
    assert dp.numpy().tolist() == [0, 1] and dclip.numpy() == 1


def test_is_one_bit():
    assert BinaryProbability().precision == 1


@pytest.mark.parametrize("clip", [0.0, -0.005, 9e-6, float("nan")])
def test_names_the_wrong_clip(clip):
    with pytest.raises(ValueError, match=f"initial_clip must be at least 1e-05; got {clip}"):
        BinaryProbability(clip)
    assert BinaryProbability(1e-5).initial_clip == 1e-5
