"""Keras models and .tflite files as classifiers."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.train.classifier import (
    Classifier,
    keras_classifier,
    tflite_classifier,
    to_pixels,
    together,
)
from tests.train.models import small


def images(count=5, size=8):
    pixels = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), np.uint8)
    return zoo.preprocess_input(pixels)


def log_softmax(logits):
    logits = np.asarray(logits, np.float64)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def test_pixels_come_back_exactly():
    pixels = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3)
    np.testing.assert_array_equal(to_pixels(zoo.preprocess_input(pixels)), pixels)


@pytest.mark.parametrize("activation", [None, "softmax"])
def test_keras(activation):
    model, x = small(activation=activation), images()
    classifier = keras_classifier(model)
    assert (classifier.size, classifier.classes) == ((8, 8), 3)
    expected = log_softmax(small()(x))
    for part in (x, x[:2]):
        found = classifier.log_probabilities(part)
        np.testing.assert_allclose(found, expected[: len(part)], atol=1e-6)


def test_two_together():
    """The softmax of the mean of both ones' logits."""
    models = [small(seed=seed) for seed in (0, 1)]
    logits = sum(model.predict(images(), verbose=0).astype("float64") for model in models)
    both = together(*map(keras_classifier, models))
    found = both.log_probabilities(images())
    np.testing.assert_allclose(found, log_softmax(logits / 2), rtol=1e-12)
    assert (both.size, both.classes, both.class_names) == ((8, 8), 3, None)


def test_what_does_not_go_together():
    one = Classifier((8, 8), 2, np.copy, ("cat", "dog"))
    assert together(one, replace(one, class_names=None)).class_names == ("cat", "dog")
    assert together(replace(one, class_names=None), one).class_names == ("cat", "dog")
    for other, message in (
        (replace(one, size=(8, 9)), "8x8 and 8x9"),
        (replace(one, classes=3), "2 and 3"),
        (replace(one, class_names=("dog", "cat")), "'cat', 'dog'"),
    ):
        with pytest.raises(ValueError, match=message):
            together(one, other)


def test_a_certain_softmax_has_a_finite_cross_entropy():
    model = small(activation="softmax")
    model.get_layer("classifier").set_weights([np.zeros((8, 3)), np.array([500.0, 0, 0])])
    found = keras_classifier(model).log_probabilities(images(1))
    np.testing.assert_allclose(found, np.log([[1, 1e-7, 1e-7]]), atol=1e-6)


@pytest.mark.parametrize("options", [{}, {"include_preprocessing": True}])
@pytest.mark.parametrize("batch", [1, 2])
def test_tflite(options, batch):
    convert = pytest.importorskip("larq_bvit.convert")
    pytest.importorskip("larq_compute_engine")
    model, x = small(activation="softmax"), images()
    tflite = convert.to_tflite(model, batch_size=batch, **options)
    classifier = tflite_classifier(tflite, threads=2)
    assert (classifier.size, classifier.classes) == ((8, 8), 3)
    expected = keras_classifier(model).log_probabilities(x)
    np.testing.assert_allclose(classifier.log_probabilities(x), expected, atol=1e-4)


def test_tflite_of_logits_and_8_bits():
    convert = pytest.importorskip("larq_bvit.convert")
    pytest.importorskip("larq_compute_engine")
    model, x = small(), images()
    expected = keras_classifier(model).log_probabilities(x)
    classifier = tflite_classifier(convert.to_tflite(model))
    np.testing.assert_allclose(classifier.log_probabilities(x), expected, atol=1e-4)
    model = small(activation="softmax")
    types = {"input_type": "uint8", "output_type": "uint8", "include_preprocessing": True}
    classifier = tflite_classifier(convert.to_tflite(model, **types))
    found = np.exp(classifier.log_probabilities(x))
    np.testing.assert_allclose(found, np.exp(expected), atol=0.6 / 255)
    assert np.abs(found - np.exp(expected)).max() > 1e-6  # they are of 8 bits


class Recorder:
    """Runs nothing: it keeps what it is given, and gives the same scores for all."""

    def predict(self, stored):
        self.stored = stored
        return np.tile(np.array([[0.7, 0.2, 0.1]], np.float32), (len(stored), 1))


def stock_tflite(activation=None, samples=None):
    """By TensorFlow's own converter; with samples all of 8 bits, but for its ends."""
    image = tf.keras.Input((8, 8, 3))
    x = tf.keras.layers.GlobalAveragePooling2D()(image)
    x = tf.keras.layers.Dense(3, activation=activation)(x)
    converter = tf.lite.TFLiteConverter.from_keras_model(tf.keras.Model(image, x))
    if samples is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    return converter.convert()


@pytest.mark.parametrize(
    "mean, std, low, high",
    [((127.5,), (127.5,), -1, 1), ((0.0,), (255.0,), 0, 1), ((0.0,) * 3, (51.0,) * 3, 0, 5)],
)
def test_tflite_is_normalised_as_its_metadata_says(mean, std, low, high):
    pytest.importorskip("larq_compute_engine")
    from larq_bvit.convert import Metadata, add_metadata

    tflite, recorder = stock_tflite(), Recorder()
    tflite = add_metadata(tflite, Metadata("other", mean=mean, std=std))
    pixels = np.zeros((2, 8, 8, 3), np.uint8)
    pixels[1] = 255
    classifier = tflite_classifier(tflite, interpreter=recorder)
    classifier.log_probabilities(zoo.preprocess_input(pixels))
    np.testing.assert_allclose(recorder.stored[0], low, atol=1e-6)
    np.testing.assert_allclose(recorder.stored[1], high, atol=1e-6)


def test_tflite_of_imagenet_gets_the_very_bits():
    pytest.importorskip("larq_compute_engine")
    from larq_bvit.convert import Metadata, add_metadata
    from larq_bvit.zoo.images import MEAN, STD

    tflite, recorder, x = stock_tflite(), Recorder(), images()
    mean, std = (tuple(255 * value for value in values) for values in (MEAN, STD))
    for file in (tflite, add_metadata(tflite, Metadata("ours", mean=mean, std=std))):
        tflite_classifier(file, interpreter=recorder).log_probabilities(x)
        np.testing.assert_array_equal(recorder.stored, x)


def test_tflite_of_8_bits_between_floats():
    pytest.importorskip("larq_compute_engine")
    from larq_bvit.convert.tflite.flatbuffer import count_ops

    tflite = stock_tflite(activation="softmax", samples=images())
    assert set(count_ops(tflite)) >= {"QUANTIZE", "SOFTMAX", "DEQUANTIZE"}
    found = tflite_classifier(tflite, interpreter=Recorder()).log_probabilities(images(1))
    np.testing.assert_allclose(np.exp(found), [[0.7, 0.2, 0.1]], atol=1e-6)


def test_what_is_no_classifier_of_images():
    image = tf.keras.Input((8, 8, 3))
    maps = tf.keras.Model(image, tf.keras.layers.Conv2D(3, 1)(image), name="maps")
    with pytest.raises(ValueError, match=r"outputs \(batch, classes\); 'maps' has"):
        keras_classifier(maps)
    flat = tf.keras.layers.Flatten()(image)
    with pytest.raises(ValueError, match="with one output; got 2 outputs"):
        keras_classifier(tf.keras.Model(image, [flat, flat]))
    vector = tf.keras.Input((8,))
    with pytest.raises(ValueError, match="expected RGB images .*'vector' has"):
        keras_classifier(tf.keras.Model(vector, tf.keras.layers.Dense(2)(vector), name="vector"))
    pytest.importorskip("larq_compute_engine")
    with pytest.raises(ValueError, match="expected a .tflite"):
        tflite_classifier(b"no such thing")
