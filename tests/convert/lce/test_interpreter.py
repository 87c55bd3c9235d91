"""LCE's interpreter behind ours."""

import pickle

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert


@pytest.fixture(scope="module")
def doubler() -> bytes:
    """A .tflite of batch 2: twice the image, and its mean."""
    x = tf.keras.Input((4, 3, 2), 2)
    double = tf.keras.layers.Add()([x, x])
    mean = tf.keras.layers.GlobalAveragePooling2D()(x)
    return convert.to_tflite(tf.keras.Model(x, [double, mean]), batch_size=2)


def test_whole_batches_and_several_outputs(doubler):
    images = np.random.RandomState(0).standard_normal((6, 4, 3, 2)).astype("float32")
    interpreter = convert.Interpreter(doubler)
    assert interpreter.input_shape == (2, 4, 3, 2)
    outputs = sorted(interpreter.predict(images), key=np.ndim)
    np.testing.assert_allclose(outputs[0], images.mean(axis=(1, 2)), atol=1e-6)
    np.testing.assert_array_equal(outputs[1], 2 * images)


def test_images_of_another_process(doubler):
    """Their type is equal to NumPy's own, but another object."""
    images = pickle.loads(pickle.dumps(np.ones((2, 4, 3, 2), np.float32)))
    assert images.dtype is not np.dtype(np.float32)
    outputs = convert.Interpreter(doubler).predict(images)
    np.testing.assert_array_equal(max(outputs, key=np.ndim), 2 * images)


@pytest.mark.parametrize("shape", [(3, 4, 3, 2), (2, 3, 4, 2), (0, 4, 3, 2)])
def test_other_shapes_are_refused(doubler, shape):
    with pytest.raises(ValueError, match=r"must have shape \(multiple of 2, 4, 3, 2\); got"):
        convert.Interpreter(doubler).predict(np.zeros(shape, np.float32))


def test_other_bytes_are_refused():
    for kind in (RuntimeError, ValueError):  # what was raised before, and a user's mistake
        with pytest.raises(kind, match="Larq Compute Engine can't load this .tflite"):
            convert.Interpreter(b"not a tflite file at all")
