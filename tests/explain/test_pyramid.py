"""The pyramid of a classifier."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.explain.pyramid import pyramid
from tests.explain.conftest import PLAIN, PYRAMID, SIZE, TOKEN, build
from tests.layers.common import normal


@pytest.mark.parametrize("variant", [PYRAMID, PLAIN, TOKEN], ids=["pyramid", "plain", "token"])
def test_equals_the_model_of_features(variant):
    image = normal(*SIZE, 3).astype(np.float32)
    model, features = build(variant), build(variant, features_only=True)
    for weight in features.weights:
        weight.assign(next(w for w in model.weights if w.name == weight.name))
    expected = tf.nest.flatten(features(image[None], training=False))
    levels = pyramid(model, image)
    assert len(levels) == len(expected) == (2 if variant is PYRAMID else 1)
    for got, want in zip(levels, expected, strict=True):
        np.testing.assert_array_equal(got, want[0])
