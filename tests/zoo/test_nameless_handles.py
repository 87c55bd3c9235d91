"""Variables as they always are, but for the names that their handles do not get."""

import pytest
import tensorflow as tf

from larq_bvit.zoo import nameless_handles as module
from larq_bvit.zoo.nameless_handles import nameless_handles


@pytest.fixture
def told(monkeypatch):
    """Names that TensorFlow's operator got."""
    names, make = [], module._ops.var_handle_op

    def spy(*args, **kwargs):
        names.append(kwargs["debug_name"])
        return make(*args, **kwargs)

    monkeypatch.setattr(module._ops, "var_handle_op", spy)
    return names


def test_variables_keep_their_names(told):
    tf.Variable(1.0, name="before")
    with nameless_handles():
        weight = tf.Variable([1.0, 2.0], name="weight")
        layer = tf.keras.layers.Dense(3, name="dense")
        layer.build((None, 2))
    tf.Variable(1.0, name="after")
    assert told == ["before/", "", "", "", "after/"]
    assert weight.name == "weight:0" and weight.numpy().tolist() == [1, 2]
    assert [w.name for w in layer.weights] == ["kernel:0", "bias:0"]
    weight.assign_add([1.0, 1.0])
    assert weight.numpy().tolist() == [2, 3]


def test_variables_of_one_shape_are_apart():
    with nameless_handles():
        one, other = (tf.Variable(value) for value in (1.0, 2.0))
    one.assign(3.0)
    assert (one.numpy(), other.numpy()) == (3, 2)


def test_after_an_exception(told):
    with pytest.raises(RuntimeError, match="no"), nameless_handles():
        raise RuntimeError("no")
    tf.Variable(1.0, name="after")
    assert told == ["after/"]


def test_a_tensorflow_that_we_do_not_know(monkeypatch):
    monkeypatch.setattr(module, "_ops", object())
    with nameless_handles():
        assert tf.Variable(1.0, name="weight").name == "weight:0"
