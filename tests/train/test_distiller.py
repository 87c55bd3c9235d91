"""Distillation."""

import h5py
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.train.distillation_losses import feature_loss
from larq_bvit.train.distiller import Distiller
from larq_bvit.zoo.deit import DeiTVariant
from tests.layers.common import normal, policy
from tests.train.models import CLASSES, batch, small
from tests.train.test_distillation_losses import softmax


def linear(seed, decay=0.0):
    """A model whose gradients can be written down; decay / 2 * |kernel|^2 is added to its loss."""
    tf.keras.utils.set_random_seed(seed)
    x = tf.keras.Input((2, 2, 3))
    regulariser = tf.keras.regularizers.L2(decay / 2) if decay else None
    dense = tf.keras.layers.Dense(CLASSES, kernel_regularizer=regulariser)
    return tf.keras.Model(x, dense(tf.keras.layers.Flatten()(x)))


@pytest.mark.parametrize(
    ("soft", "hard", "temperature", "decay"), [(1, 0, 1, 0), (0.7, 0.3, 2, 0), (1, 0, 1, 0.2)]
)
def test_a_step_of_sgd(soft, hard, temperature, decay):
    tf.keras.backend.set_floatx("float64")
    student, teacher = linear(0, decay), linear(1)
    images, labels = normal(4, 2, 2, 3), np.eye(CLASSES)[[0, 1, 2, 0]]
    shares = np.array([1.0, 0.5, 2.0, 0.0])
    kernel, bias = student.get_weights()
    x = images.reshape(4, -1)
    s, t = x @ kernel + bias, x @ teacher.get_weights()[0] + teacher.get_weights()[1]
    target, guess = softmax(t / temperature), softmax(s / temperature)
    losses = -soft * temperature**2 * (target * np.log(guess)).sum(-1)
    losses -= hard * (labels * np.log(softmax(s))).sum(-1)
    gradient = soft * temperature * (guess - target) + hard * (softmax(s) - labels)
    gradient *= shares[:, None] / 4

    distiller = Distiller(student, teacher, soft=soft, hard=hard, temperature=temperature)
    distiller.compile(tf.keras.optimizers.SGD(0.5))
    loss = distiller.train_on_batch(images, labels, sample_weight=shares)
    mean = (losses * shares).mean() + decay / 2 * (kernel**2).sum()
    np.testing.assert_allclose(loss, mean, rtol=1e-6)
    new_kernel, new_bias = student.get_weights()
    expected = kernel - 0.5 * (x.T @ gradient + decay * kernel)
    np.testing.assert_allclose(new_kernel, expected, atol=1e-9)
    np.testing.assert_allclose(new_bias, bias - 0.5 * gradient.sum(0), atol=1e-12)


def test_evaluation_is_the_students_own():
    images, labels = batch(7)
    loss = tf.keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    student = small(seed=0)
    distiller = Distiller(student, small(seed=1))
    results = []
    for model in (student, distiller):
        model.compile("sgd", loss, metrics=["accuracy"])
        results.append(model.evaluate(images, labels, batch_size=3, verbose=0, return_dict=True))
    assert list(results[1]) == ["loss", "accuracy"]
    assert results[0] == pytest.approx(results[1], rel=1e-6)
    np.testing.assert_array_equal(distiller(images), student(images))


def test_fit_leaves_the_teacher_alone(tmp_path):
    student, teacher = small(seed=0), small(12, seed=1)
    before = [weight.copy() for weight in teacher.get_weights()]
    distiller = Distiller(student, teacher, hard=0.5)
    distiller.compile("adam", metrics=["accuracy"])
    images, labels = batch(8)
    logs = distiller.fit(
        images, labels, batch_size=4, epochs=2, validation_data=(images, labels), verbose=0
    )
    assert set(logs.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    for old, new in zip(before, teacher.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert {w.ref() for w in distiller.trainable_weights} == {
        w.ref() for w in student.trainable_weights
    }
    distiller.save_weights(tmp_path / "all.h5")
    with h5py.File(tmp_path / "all.h5") as file:
        stored = []
        file.visititems(
            lambda _, item: stored.append(item.shape) if hasattr(item, "shape") else None
        )
    assert sorted(stored) == sorted(tuple(w.shape) for w in student.weights)
    checkpoint = tf.train.Checkpoint(model=distiller).save(str(tmp_path / "checkpoint"))
    shapes = [tuple(shape) for _, shape in tf.train.list_variables(checkpoint)]
    assert (3, 3, 3, 8) in shapes and (3, 3, 3, 12) not in shapes


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("features", [0.0, 1.0])
def test_precision_and_xla(precision, features):
    with policy(precision):
        student, teacher = small(seed=0), small(seed=1)
        distiller = Distiller(student, teacher, hard=0.5, features=features)
    start = student.get_weights()
    distiller.compile("sgd", jit_compile=True)
    scales = isinstance(distiller.optimizer, tf.keras.mixed_precision.LossScaleOptimizer)
    assert scales == (precision == "mixed_float16")
    images, labels = batch()
    losses = [distiller.train_on_batch(images, labels) for _ in range(3)]
    assert np.isfinite(losses).all()
    changed = [np.any(a != b) for a, b in zip(start, student.get_weights(), strict=True)]
    assert all(changed)


def test_xla_and_float16_give_the_same_loss():
    images, labels = batch()
    losses = []
    for precision, xla in (("float32", False), ("float32", True), ("mixed_float16", False)):
        with policy(precision):
            distiller = Distiller(small(seed=0), small(seed=1), hard=0.5, features=0.5)
        distiller.compile("sgd", jit_compile=xla)
        losses.append(distiller.train_on_batch(images, labels))
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
    assert losses[2] == pytest.approx(losses[0], rel=1e-2)


def test_features_of_a_transformer_with_a_class_token():
    options = {"input_shape": (8, 8, 3), "num_classes": 3, "classifier_activation": None}
    teacher = zoo.DeiT(DeiTVariant(dim=8, depth=1, heads=2, patch_size=4), **options)
    maps = zoo.DeiT(
        DeiTVariant(dim=8, depth=1, heads=2, patch_size=4),
        input_shape=(8, 8, 3),
        features_only=True,
    )
    maps.set_weights(teacher.get_weights()[: len(maps.get_weights())])
    images, labels = batch()
    student = small(seed=0)
    features = tf.keras.Model(student.input, student.get_layer("norm").output)
    expected = feature_loss(maps(images), features(images, training=True))
    distiller = Distiller(student, teacher, soft=0, features=2.0)
    distiller.compile(tf.keras.optimizers.SGD(0.0))
    loss = distiller.train_on_batch(images, labels)
    assert loss == pytest.approx(2 * float(tf.reduce_mean(expected)), rel=1e-5)


@pytest.mark.parametrize(
    ("student", "teacher", "settings", "message"),
    [
        ({"classes": 4}, {}, {}, r"same number of classes; got \(4,\) and \(3,\)"),
        ({"size": 9}, {}, {}, r"input size .* got \(9, 9, 3\) and \(8, 8, 3\)"),
        ({"activation": "softmax"}, {}, {}, "student that gives logits; 'small0' ends in a soft"),
        ({}, {"activation": "softmax", "seed": 1}, {}, "teacher that gives logits; 'small1'"),
        ({}, {"width": 9}, {"features": 1.0}, r"got 8 \(student\) and 9 \(teacher\)"),
        ({}, {}, {"soft": 0.0}, "weight above 0 among soft, hard and features"),
        ({}, {}, {"soft": -1}, "expected soft to be a number at least 0; got -1"),
        ({}, {}, {"hard": None}, "expected hard to be a number at least 0; got None"),
        ({}, {}, {"temperature": 0.0}, "expected temperature to be a number above 0; got 0.0"),
    ],
)
def test_what_does_not_fit(student, teacher, settings, message):
    with pytest.raises(ValueError, match=message):
        Distiller(small(**student), small(**teacher), **settings)


def test_other_models_and_losses():
    with pytest.raises(ValueError, match="with one output; got Sequential"):
        Distiller(tf.keras.Sequential([tf.keras.layers.Dense(3)]), small())
    image = tf.keras.Input((8, 8, 3))
    flat = tf.keras.Model(image, tf.keras.layers.Dense(3)(tf.keras.layers.Flatten()(image)))
    with pytest.raises(ValueError, match=r"expected a model with maps \(B, H, W, C\)"):
        Distiller(flat, small(), features=1.0)
    with pytest.raises(ValueError, match="loss of logits.* got 'categorical_crossentropy'"):
        Distiller(small(), small()).compile("sgd", "categorical_crossentropy")
    with pytest.raises(ValueError, match="loss of logits"):
        Distiller(small(), small()).compile("sgd", tf.keras.losses.CategoricalCrossentropy())
    # it does not say what it expects
    Distiller(small(), small()).compile("sgd", tf.keras.losses.MeanSquaredError())


@pytest.mark.parametrize("hard", [0.0, 0.5])
def test_labels_that_are_numbers(hard):
    images, labels = batch()
    numbers = labels.argmax(-1)
    distiller = Distiller(small(), small(seed=1), hard=hard)
    distiller.compile("sgd")
    expected = distiller.evaluate(images, labels, verbose=0)
    for step in (distiller.fit, distiller.evaluate):
        with pytest.raises(ValueError, match=r"SparseCategoricalCrossentropy.from_logits=True"):
            step(images, numbers, verbose=0)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    distiller.compile("sgd", loss)
    assert distiller.evaluate(images, numbers, verbose=0) == pytest.approx(expected, rel=1e-5)
    logs = distiller.fit(images, numbers, validation_data=(images, numbers), verbose=0)
    assert np.isfinite(logs.history["val_loss"]).all()
