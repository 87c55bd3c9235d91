"""The sum of several maps."""

import numpy as np
import tensorflow as tf

from larq_bvit.convert import count_ops
from larq_bvit.convert.freezing.sum import Sum
from tests.convert.small import normal, run_stock


def test_one_operator_that_adds_all():
    maps = list(normal(5, 1, 3, 4, 2))
    inputs = [tf.keras.Input(x.shape[1:], 1) for x in maps]
    model = tf.keras.Model(inputs, Sum()(inputs))
    np.testing.assert_allclose(model(maps), np.sum(maps, axis=0), atol=1e-6)
    tflite = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    assert count_ops(tflite) == {"ADD_N": 1}
    np.testing.assert_allclose(run_stock(tflite, *maps)[0], model(maps), atol=1e-6)


def test_it_can_be_saved(tmp_path):
    inputs = [tf.keras.Input((2, 2, 3)) for _ in range(3)]
    model = tf.keras.Model(inputs, Sum(name="total")(inputs))
    assert model.output_shape == (None, 2, 2, 3)
    model.save(tmp_path / "model.keras")
    again = tf.keras.models.load_model(tmp_path / "model.keras", compile=False)
    maps = list(normal(3, 1, 2, 2, 3))
    np.testing.assert_array_equal(again(maps), model(maps))
