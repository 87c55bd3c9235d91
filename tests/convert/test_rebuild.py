"""The walk over a model's graph."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.convert.rebuild import Shifted, rebuild

L = tf.keras.layers


def branching() -> tf.keras.Model:
    """Two inputs, a shared layer, a layer with keyword arguments, two outputs."""
    a, b = L.Input((4, 4, 3), name="a"), L.Input((4, 4, 3), name="b")
    shared = L.Conv2D(5, 3, padding="same", name="shared")
    attended = L.MultiHeadAttention(2, 3, name="mha")(shared(a), value=shared(b))
    total = L.Add(name="add")([attended, shared(a)])
    return tf.keras.Model([a, b], {"total": total, "mean": L.GlobalAveragePooling2D()(total)})


def images(n: int = 2) -> list[np.ndarray]:
    return list(np.random.RandomState(0).standard_normal((2, n, 4, 4, 3)).astype("float32"))


def test_without_rules_it_is_a_copy():
    model = branching()
    copy = rebuild(model, {})
    for key, expected in model(images()).items():
        np.testing.assert_allclose(copy(images())[key], expected, rtol=1e-6)
    copy.get_layer("shared").set_weights([w * 0 for w in copy.get_layer("shared").get_weights()])
    assert np.abs(model.get_layer("shared").get_weights()[0]).sum() > 0, "the weights are shared"


def test_a_float64_model_becomes_float32():
    tf.keras.backend.set_floatx("float64")
    try:
        x = L.Input((4, 4, 3))
        model = tf.keras.Model(x, L.Conv2D(2, 1)(x))
    finally:
        tf.keras.backend.set_floatx("float32")
    copy = rebuild(model, {})
    assert {w.dtype.name for w in copy.weights} == {"float32"} == {copy.output.dtype.name}
    np.testing.assert_allclose(copy(images()[0]), model(images()[0]), atol=1e-5)


def test_batch_size_is_fixed():
    assert rebuild(branching(), {}, batch_size=3).inputs[0].shape == (3, 4, 4, 3)


def test_an_offset_at_the_output_is_added():
    x = L.Input((4, 4, 3))
    model = tf.keras.Model(x, L.ReLU(name="relu")(x))
    shift = np.array([1, 2, 3], np.float32)
    moved = rebuild(model, {L.ReLU: lambda layer, inputs, name: inputs[0].plus(shift)})
    np.testing.assert_array_equal(moved(images()[0]), images()[0] + shift)


def test_an_absorber_that_others_read_takes_nothing():
    """y = norm(x); y + shift and y itself are both read: the norm must stay as it is."""
    x = L.Input((4, 4, 3))
    y = L.BatchNormalization(name="norm")(x)
    model = tf.keras.Model(x, [L.ReLU(name="moved")(y), y])
    shift = np.array([1, 2, 3], np.float32)

    def norm_rule(layer, inputs, name):
        norm = L.BatchNormalization(name=name)
        return Shifted(norm(inputs[0].tensor), absorber=norm)

    rules = {
        L.BatchNormalization: norm_rule,
        L.ReLU: lambda layer, inputs, name: Shifted(inputs[0].plus(shift).settle(f"{name}/shift")),
    }
    moved, plain = rebuild(model, rules)(images()[0])
    expected = model(images()[0])[1]
    np.testing.assert_allclose(plain, expected, rtol=1e-6)
    np.testing.assert_allclose(moved, expected + shift, rtol=1e-6)


def test_a_subclassed_model_is_refused():
    class Subclassed(tf.keras.Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(ValueError, match="expected a functional .* got Subclassed 'mine'"):
        rebuild(Subclassed(name="mine"), {})
