"""Both forms of the frozen attention against QuantAttention."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import layers
from larq_bvit.convert import count_ops
from larq_bvit.convert.freezing.frozen_attention import FrozenAttention


@pytest.mark.parametrize("heads", [1, 2, 4])
@pytest.mark.parametrize("batch", [1, 3])
def test_equals_quant_attention(heads, batch):
    rng = np.random.RandomState(heads + 10 * batch)
    q = rng.standard_normal((batch, 3, 5, 32)).astype("float32")
    k, v = rng.standard_normal((2, batch, 2, 2, 32)).astype("float32")
    shifts = rng.standard_normal((3, 32)).astype("float32")
    clip = np.float32(0.3)

    reference = layers.QuantAttention(heads, layers.ApproxSign(), layers.BinaryProbability())
    shifted = [x + shift for x, shift in zip((q, k, v), shifts, strict=True)]
    reference(shifted)
    reference.set_weights([clip])
    expected = reference(shifted).numpy()
    assert len(np.unique(np.abs(expected))) > 2, "every probability fell on the same side"

    frozen = FrozenAttention(heads)
    frozen([q, k, v])
    frozen.set_weights([*-shifts, clip])
    np.testing.assert_allclose(frozen([tf.constant(x) for x in (q, k, v)]), expected, atol=1e-6)


@pytest.mark.parametrize(("heads", "splits"), [(1, 0), (2, 4)])
def test_only_several_heads_are_split(heads, splits):
    """Queries, keys, bits and values, in stock TensorFlow Lite."""
    qkv = [tf.keras.Input(shape, 1) for shape in ((3, 5, 32), (2, 2, 32), (2, 2, 32))]
    model = tf.keras.Model(qkv, FrozenAttention(heads)(qkv))
    operators = count_ops(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    assert operators["SPLIT"] == splits
    assert operators["CONCATENATION"] == (2 if heads > 1 else 0)
    assert operators["SOFTMAX"] == 1


def test_configuration_round_trip():
    layer = FrozenAttention(2, name="attend")
    assert FrozenAttention.from_config(layer.get_config()).get_config() == layer.get_config()
