"""The walk over a model's graph."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.convert.freezing.rebuild import Shifted, _has_own_graph, apply, rebuild

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


def test_models_within_become_their_layers():
    """One that is called twice, with one in it, of names that others have."""
    a, b = L.Input((4, 4, 3), name="a"), L.Input((4, 4, 3), name="b")
    inside = tf.keras.Sequential([L.Input((4, 4, 3)), L.Conv2D(3, 1, name="conv"), L.ReLU()])
    x = L.Input((4, 4, 3), name="a")
    y = L.Conv2D(3, 1, name="conv")(inside(x))
    within = tf.keras.Model(x, [y, L.Add(name="add")([x, y])])
    c, d = within(a)
    e, f = within(L.Subtract(name="subtract")([a, b]))
    model = tf.keras.Model([a, b], L.Add(name="add")([c, d, e, f, inside(b)]))
    flat = rebuild(model, {})
    assert not any(isinstance(layer, tf.keras.Model) for layer in flat.layers)
    assert sum(isinstance(layer, L.Conv2D) for layer in flat.layers) == 5
    np.testing.assert_allclose(flat(images()), model(images()), rtol=1e-5, atol=1e-6)


class Twice(tf.keras.Model):
    """Computes something else than its graph."""

    def call(self, inputs, training=None, mask=None):
        return 2 * super().call(inputs, training, mask)


@pytest.mark.parametrize(("kind", "reads"), [(tf.keras.Model, True), (Twice, False)])
def test_graphs_of_models_that_compute_otherwise_are_not_read(kind, reads):
    z = L.Input((4, 4, 3))
    y = kind(z, L.ReLU()(z))(L.Input((4, 4, 3)))
    assert _has_own_graph(y.node) == reads


def test_readers_of_a_model_within_are_counted():
    """Nobody in it reads a norm's map but its end; two outside do, so the norm takes no shift."""
    x, z = L.Input((4, 4, 3)), L.Input((4, 4, 3))
    norm = L.BatchNormalization(name="norm")
    y = tf.keras.Model(z, norm(z))(x)
    model = tf.keras.Model(x, L.Add()([L.ReLU(name="relu")(y), y]))
    shift = np.array([1, 2, 3], np.float32)

    def absorbing(layer, inputs, name):
        copy = L.BatchNormalization(name=name)
        return Shifted(apply(copy, inputs[0].tensor, layer.get_weights()), absorber=copy)

    def shifting(layer, inputs, name):
        return Shifted(L.ReLU(name=name)(inputs[0].plus(shift).settle(f"{name}/shift")))

    moved = rebuild(model, {L.BatchNormalization: absorbing, L.ReLU: shifting})
    normed = norm(images()[0]).numpy()
    expected = np.maximum(normed + shift, 0) + normed
    np.testing.assert_allclose(moved(images()[0]), expected, rtol=1e-6)


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


def test_what_comes_first():
    """`begin` stands between each input and its readers."""
    model, shift = branching(), np.array([1, 2, 3], np.float32)
    moved = rebuild(model, {}, begin=lambda x: Shifted(x, shift))
    expected = model([image + shift for image in images()])
    for key, value in moved(images()).items():
        np.testing.assert_allclose(value, expected[key], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("readers", "expected"), [(1, 2), (2, 0)])
def test_terms_are_for_the_only_reader(readers, expected):
    """An output of the model counts as a reader."""
    x = L.Input((4, 4, 3))
    total = L.Add(name="add")([x, L.ReLU()(x)])
    model = tf.keras.Model(x, [L.Softmax(name="last")(total), total][:readers])
    seen = []

    def add(layer, inputs, name):
        tensors = [value.tensor for value in inputs]
        return Shifted(L.Add(name=name)(tensors), terms=tuple(tensors))

    def last(layer, inputs, name):
        seen.append(inputs[0].terms)
        return Shifted(L.Softmax(name=name)(inputs[0].tensor))

    rebuild(model, {L.Add: add, L.Softmax: last})
    assert [len(terms) for terms in seen] == [expected]


def test_a_reader_that_reads_twice_is_no_only_reader():
    x = L.Input((4, 4, 3))
    y = L.BatchNormalization(name="norm")(x)
    model = tf.keras.Model(x, L.Add(name="add")([y, y]))
    shift = np.array([1, 2, 3], np.float32)

    def norm(layer, inputs, name):
        norm = L.BatchNormalization(name=name)
        return Shifted(norm(inputs[0].tensor), absorber=norm)

    def add(layer, inputs, name):
        total = L.Add(name=name)([value.tensor for value in inputs])
        return Shifted(total, shift, absorber=inputs[0].absorber)

    got = rebuild(model, {L.BatchNormalization: norm, L.Add: add})(images()[0])
    np.testing.assert_allclose(got, model(images()[0]) + shift, rtol=1e-4, atol=1e-5)


def test_a_shared_layers_second_name_may_be_taken():
    x = L.Input((4, 4, 3))
    act = L.ReLU(name="act")
    y = act(L.Conv2D(4, 1)(act(L.Conv2D(4, 1)(x))))
    model = tf.keras.Model(x, L.ReLU(name="act_3")(L.ReLU(name="act_2")(y)))
    copy = rebuild(model, {})
    np.testing.assert_allclose(copy(images()[0]), model(images()[0]), rtol=1e-6)
    assert {layer.name for layer in copy.layers} >= {"act", "act_2", "act_3", "act_4"}


class Doubled(L.Layer):
    """Of a user's, not registered with Keras."""

    def call(self, inputs):
        return 2 * inputs


@pytest.mark.parametrize("sequential", [False, True])
def test_a_users_layer_in_a_model_in_a_model(sequential):
    x, y = L.Input((4, 4, 3)), L.Input((4, 4, 3))
    inner = tf.keras.Sequential([x, Doubled()]) if sequential else tf.keras.Model(x, Doubled()(x))
    np.testing.assert_array_equal(
        rebuild(tf.keras.Model(y, inner(y)), {})(images()[0]), 2 * images()[0]
    )
