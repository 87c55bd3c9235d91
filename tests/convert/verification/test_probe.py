"""The inside of a file as its outputs."""

import numpy as np
import pytest

from larq_bvit.convert import freeze
from larq_bvit.convert.lce.interpreter import Interpreter
from larq_bvit.convert.tflite.flatbuffer import load
from larq_bvit.convert.verification.probe import probe
from tests.convert.small import L, lce_module, normal, small, tf


@pytest.fixture(scope="module")
def model() -> tf.keras.Model:
    return small()


@pytest.fixture(scope="module")
def tflite(model) -> bytes:
    return lce_module.lce_tflite(model)[0]


def test_layers_come_in_order_of_execution_with_their_values(model, tflite):
    probed, found = probe(tflite, ["block2/add", "elsewhere", "block1/add", "stem"])
    assert found == ["stem", "block1/add", "block2/add"]
    frozen = freeze(model)
    taps = tf.keras.Model(frozen.inputs, [frozen.get_layer(name).output for name in found])
    x = normal(1, 16, 12, 3)
    for got, expected in zip(Interpreter(probed).predict(x), taps(x), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-5 * np.abs(expected).max())


def test_signatures_go_since_they_name_other_outputs(tflite):
    probed, _ = probe(tflite, ["stem"])
    assert load(tflite).signatureDefs and not load(probed).signatureDefs


def test_what_is_fused_is_not_found(tflite):
    assert probe(tflite, ["block1/conv", "block1/rprelu", "pool"])[1] == []


def test_a_name_that_may_have_been_cut_is_not_looked_for():
    """Two sums whose names are equal for as long as TensorFlow Lite keeps them."""
    long = "a_name_of_thirty_characters_or/and_some_more_of_"
    x = L.Input((4, 4, 2))
    one = L.Add(name=f"{long}1")([x, L.Conv2D(2, 1)(x)])
    two = L.Add(name=f"{long}2")([one, L.Conv2D(2, 1)(one)])
    last = L.Add(name="short")([two, L.Conv2D(2, 1)(two)])
    tflite, _ = lce_module.lce_tflite(tf.keras.Model(x, L.Conv2D(2, 1)(last)))
    names = [f"{long}1", f"{long}2", long, long.partition("/")[0], "short"]
    assert probe(tflite, names)[1] == ["short"]
