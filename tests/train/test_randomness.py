"""Random numbers that can be repeated, and states that can be kept."""

import numpy as np
import tensorflow as tf

from larq_bvit.train.randomness import random_states, seed_all


def model(rate=0.5):
    return tf.keras.Sequential([tf.keras.layers.Dropout(rate, input_shape=(1000,))])


def drop(network):
    return network(np.ones((1, 1000), "float32"), training=True).numpy()


def test_a_seed_repeats_weights_and_dropout():
    draws = []
    for _ in range(2):
        seed_all(3)
        draws.append((tf.random.uniform([4]).numpy(), np.random.rand(4), drop(model())))
    for first, second in zip(*draws, strict=True):
        np.testing.assert_array_equal(first, second)


def test_a_state_that_is_put_back_repeats_the_draws():
    seed_all(0)
    network = model()
    [state] = random_states(network)
    kept = state.numpy()
    first, second = drop(network), drop(network)
    assert (first != second).any()
    state.assign(kept)
    np.testing.assert_array_equal(drop(network), first)


def test_hidden_states_are_warned_of(caplog):
    assert random_states(model()) == []
    assert "cannot be resumed (dropout, ...): call seed_all before" in caplog.text


def test_layers_that_drop_nothing_have_no_say(caplog):
    assert random_states(model(rate=0.0)) == []
    assert not caplog.text


def test_deterministic_operators():
    from tensorflow.python.framework import config

    seed_all(0)
    assert not config.is_op_determinism_enabled()
    seed_all(0, deterministic=True)
    assert config.is_op_determinism_enabled()
