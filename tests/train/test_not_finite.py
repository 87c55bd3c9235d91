"""The first layer whose values are not finite."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.not_finite import explain, first_not_finite
from tests.train.tiny_run import tiny_model


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_variable_is_found_whatever_is_wrong(bad):
    good, whole = tf.Variable([1.0]), tf.Variable([3])
    wrong = tf.Variable([1.0, bad])
    assert first_not_finite([good, whole, wrong]) is wrong
    assert first_not_finite([good, whole]) is None


def test_the_first_layer_in_order_of_execution_is_named():
    model = tiny_model()
    for name in ("classifier", "norm"):
        weight = model.get_layer(name).weights[0]
        weight.assign(tf.fill(weight.shape, np.nan))
    assert explain(model) == ("first not finite: weight 'norm/gamma'", "norm")


def test_an_output_that_overflows_is_named():
    model = tiny_model()
    kernel = model.get_layer("classifier").kernel
    kernel.assign(tf.fill(kernel.shape, 3e38))
    assert explain(model)[1] is None
    images = np.full((2, 6, 6, 3), 0.5, "float32")
    images[0] = -0.5
    assert explain(model, images) == ("first not finite: output of 'classifier'", "classifier")


def test_images_come_before_all_layers():
    where, layer = explain(tiny_model(), np.full((1, 6, 6, 3), np.nan, "float32"))
    assert where == "the images are not finite" and layer is None


def test_sound_models_are_sound():
    images = np.ones((1, 6, 6, 3), "float32")
    assert explain(tiny_model(), images) == ("weights and outputs of all layers are finite", None)
