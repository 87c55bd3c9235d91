"""Evaluation sees the averages, training does not."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.average import EvaluateAverage, averaged
from larq_bvit.zoo.named_weights import latent_weights
from tests.train.models import batch, small


def compiled(ema, **options):
    model = small()
    optimizer = tf.keras.optimizers.Adam(0.05, use_ema=ema, ema_momentum=0.9)
    loss = tf.keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, **options)
    return model


def trained(model):
    with latent_weights():
        return [weight.numpy() for weight in model.trainable_variables]


def steps(model, count=3):
    images, labels = batch()
    for _ in range(count):
        model.train_on_batch(images, labels)


def same(a, b):
    return all((x == y).all() for x, y in zip(a, b, strict=True))


def near(a, b):
    for x, y in zip(a, b, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-5, atol=1e-6)


def test_averages_and_back():
    model = compiled(ema=True)
    expected = trained(model)
    for _ in range(3):
        steps(model, 1)
        now = trained(model)
        expected = [0.9 * a + 0.1 * b for a, b in zip(expected, now, strict=True)]
    with averaged(model):
        near(trained(model), expected)
    assert same(trained(model), now)


@pytest.mark.parametrize(("ema", "count"), [(False, 3), (True, 0)])
def test_without_averages(ema, count):
    model = compiled(ema)
    steps(model, count)
    before = trained(model)
    with averaged(model):
        assert same(trained(model), before)


def test_an_error_does_not_leave_averages_behind():
    model = compiled(ema=True)
    steps(model)
    before = trained(model)
    with pytest.raises(RuntimeError), averaged(model):
        assert not same(trained(model), before)
        raise RuntimeError
    assert same(trained(model), before)


def test_with_loss_scaling():
    model = compiled(ema=True)
    scaled = tf.keras.mixed_precision.LossScaleOptimizer(model.optimizer)
    model.compile(scaled, model.loss)
    steps(model)
    before = trained(model)
    with averaged(model):
        assert not same(trained(model), before)
    assert same(trained(model), before)


def test_within_fit():
    class Watch(tf.keras.callbacks.Callback):
        evaluated, training = [], []

        def on_test_batch_begin(self, step, logs=None):
            self.evaluated.append(trained(self.model))

        def on_epoch_end(self, epoch, logs=None):
            self.training.append(trained(self.model))

    model, watch = compiled(ema=True), Watch()
    images, labels = batch()
    callbacks = [EvaluateAverage(), watch]
    model.fit(
        images,
        labels,
        epochs=2,
        validation_data=(images, labels),
        callbacks=callbacks,
        verbose=0,
    )
    one_by_one = compiled(ema=True)
    for evaluated, training in zip(watch.evaluated, watch.training, strict=True):
        steps(one_by_one, 1)
        assert not same(evaluated, training)
        near(training, trained(one_by_one))
        with averaged(one_by_one):
            near(evaluated, trained(one_by_one))
