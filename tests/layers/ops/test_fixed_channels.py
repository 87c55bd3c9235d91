"""fixed_channels: what Keras then compares."""

import pytest
import tensorflow as tf

from larq_bvit.layers.ops import fixed_channels


def test_states_the_last_axis():
    layer = tf.keras.layers.Layer()
    assert fixed_channels(layer, tf.TensorShape([None, 2, 8])) == 8
    assert layer.input_spec.axes == {-1: 8} and layer.input_spec.ndim is None


def test_refuses_an_open_one():
    with pytest.raises(ValueError, match=r"a known number of channels; got \(None, 2, None\)"):
        fixed_channels(tf.keras.layers.Layer(), tf.TensorShape([None, 2, None]))
