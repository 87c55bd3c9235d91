"""A sign on a rounding edge is told from a fault."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert, layers
from larq_bvit.convert.freezing.rebuild import rebuild
from larq_bvit.convert.verification.edges import _KerasEdges, _probabilities
from tests.convert.models import TWO_STAGES, images, tiny

SHIFT, READER = "stage2/block1/mlp/up/shift", "stage2/block1/mlp/up/linear"


@pytest.fixture(scope="module")
def little() -> tf.keras.Model:
    return tiny("binaryvit_nano", fields=TWO_STAGES)


def shifted(model: tf.keras.Model, by: np.ndarray) -> tf.keras.Model:
    """A copy with one shift per channel changed."""
    copy = rebuild(model, {})
    layer = copy.get_layer(SHIFT)
    layer.set_weights([layer.get_weights()[0] + by])
    return copy


def on_an_edge(model: tf.keras.Model, x: np.ndarray) -> tuple[tf.keras.Model, tf.keras.Model]:
    """Copies of which one sign that `READER` takes differs, of 1e-6 and of -1e-6."""
    values = tf.keras.Model(model.inputs, model.get_layer(SHIFT).output)(x).numpy()
    place = np.unravel_index(np.abs(values).argmin(), values.shape)
    channel = np.arange(values.shape[-1]) == place[-1]
    one, other = (np.float32(edge - values[place]) * channel for edge in (1e-6, -1e-6))
    return shifted(model, one), shifted(model, other)


def test_a_sign_that_rounding_turns_is_named(little):
    x = images(1)
    above, below = on_an_edge(little, x)
    tflite = convert.to_tflite(below, verify=False)
    result = convert.verify(above, tflite, x, tolerance=1e-6)
    assert [len(flips) for flips in result.edges.values()] == [1, 1, 1]
    flip = result.edges["default"][0]
    assert flip.layer == READER and flip.flipped == 1 and flip.values == 8 * 8 * 64
    assert 0 < flip.distance < 2e-5 and flip.difference < 2e-5
    assert READER in str(result)


def test_a_sign_on_an_edge_excuses_no_fault_behind_it(little):
    """Outputs differ by that sign whatever the classifier is: it is compared on its own."""
    x = images(1)
    above, below = on_an_edge(little, x)
    (classifier,) = (one for one in below.layers if isinstance(one, tf.keras.layers.Dense))
    kernel, bias = classifier.get_weights()
    classifier.set_weights([kernel[:, ::-1], bias])
    result = convert.verify(above, convert.to_tflite(below, verify=False), x, tolerance=1e-6)
    assert result.edges["default"] != [None], "the sign is found"
    assert result.faulty == below.layers[-1].name and not result.holds


def test_a_shift_that_is_wrong_is_a_fault(little):
    tflite = convert.to_tflite(shifted(little, np.float32(0.05)), verify=False)
    result = convert.verify(little, tflite, images(2))
    assert not result.holds and None in result.edges["default"]
    assert "not from a sign on a rounding edge" in str(result)


def test_without_signs_every_difference_is_a_fault():
    x = tf.keras.Input((4,))
    one, two = (tf.keras.Model(x, tf.keras.layers.Dense(3)(x)) for _ in range(2))
    result = convert.verify(one, convert.to_tflite(two, verify=False))
    assert result.edges["default"] == [None, None] and not result.holds


def test_signs_of_shared_layers_and_of_layers_of_another_model():
    """The second call of one and the same layer, and a call that belongs to another model."""
    sign = layers.binary_conv(32, 3, name="conv")
    x = tf.keras.Input((6, 6, 32))
    other = tf.keras.Model(x, tf.keras.layers.Flatten()(sign(sign(x))))
    y = tf.keras.Input((6, 6, 32))
    z = y
    for layer in (other.layers[1], other.layers[1], other.layers[2]):
        z = layer(z)
    model = tf.keras.Model(y, z)
    values = images(1, (6, 6))[..., :1] + np.linspace(-1, 1, 32, dtype=np.float32)
    once = sign(values).numpy()
    found = list(_KerasEdges(model)(values))
    assert [name for name, _ in found] == ["conv", "conv"]
    np.testing.assert_array_equal(found[0][1], values)
    np.testing.assert_array_equal(found[1][1], once)
    assert convert.convert_model(model).verification.holds


def test_probabilities_that_rounding_turns_are_no_fault(little):
    """Their layer's sum is compared with what follows from the .tflite's choice of them."""
    x = images(1)
    attention = next(one for one in little.layers if isinstance(one, layers.QuantAttention))
    above, below = rebuild(little, {}), rebuild(little, {})
    taps = tf.nest.flatten(above.get_layer(attention.name).input)
    q, k, _ = (y.numpy() for y in tf.keras.Model(above.inputs, taps)(x))
    clips = [one.get_layer(attention.name).probability_quantizer.clip for one in (above, below)]
    for clip in clips:
        clip.assign(0.0)
    every = np.sort(_probabilities(above.get_layer(attention.name), q, k), axis=None)
    common = every[every.size // 2]
    for clip, near in zip(clips, (1 - 3e-7, 1 + 3e-7), strict=True):
        clip.assign(2 * common * near)
    tflite = convert.to_tflite(below, verify=False)
    result = convert.verify(above, tflite, x, tolerance=1e-6)
    (flip,) = result.edges["default"]
    assert flip is not None and flip.layer == f"{attention.name}/probability", str(result)
    assert result.faulty is None and result.holds
