"""A loss that is not finite ends the run, and the layer is named."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.callbacks import StopOnNotFinite, stop_on_not_finite
from larq_bvit.train.checkpoint import Checkpoints
from larq_bvit.train.not_finite import NotFiniteError
from tests.train import tiny_run
from tests.train.tiny_run import RECIPE, STEPS, tiny_model


class Spoil(tf.keras.callbacks.Callback):
    """Makes a layer overflow before one step: the step itself then spoils every weight."""

    def __init__(self, layer, value, step=(1, 2)):
        super().__init__()
        self.layer, self.value, self.at = layer, value, step

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            weight = self.model.get_layer(self.layer).weights[0]
            weight.assign(tf.fill(weight.shape, self.value))


@pytest.mark.parametrize(
    ("layer", "value", "words"),
    [
        ("norm", np.nan, "weight 'norm/gamma'"),
        ("classifier", 3e38, "output of 'classifier'"),
    ],
)
def test_the_layer_and_the_last_good_checkpoint(tmp_path, layer, value, words):
    path = tmp_path / "run"
    callbacks = [Spoil(layer, value), StopOnNotFinite(tiny_run.train_data)]
    with pytest.raises(NotFiniteError, match=f"at step 3 of epoch 2; .*{words}") as error:
        tiny_run.fit(path, callbacks=callbacks)
    assert error.value.layer == layer
    model = tiny_model(seed=1)
    held = Checkpoints(path / "checkpoints", model, recipe=RECIPE, steps_per_epoch=STEPS)
    progress = held.restore(tiny_run.train_data().element_spec)
    assert (progress.epoch, progress.step) == (1, 2)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_without_the_batches_weights_are_looked_at(tmp_path):
    callbacks = [Spoil("binary", np.inf), StopOnNotFinite()]
    with pytest.raises(NotFiniteError, match="weight 'binary/kernel'"):
        tiny_run.fit(tmp_path / "run", callbacks=callbacks)


def test_the_loss_is_told_whatever_fails_then(tmp_path, monkeypatch, caplog):
    """As going through all devices' images on one of them may."""

    def explained(model, images=None):
        if images is not None:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM")
        return "weights are finite", None

    monkeypatch.setattr(stop_on_not_finite, "explain", explained)
    callbacks = [Spoil("classifier", 3e38), StopOnNotFinite(tiny_run.train_data)]
    with pytest.raises(NotFiniteError, match="at step 3 of epoch 2; weights are finite"):
        tiny_run.fit(tmp_path / "run", callbacks=callbacks)
    assert "cannot go through the batch again" in caplog.text


def test_a_sound_run_is_let_alone(tmp_path):
    watched = tiny_run.fit(tmp_path / "run", callbacks=[StopOnNotFinite(tiny_run.train_data)])
    plain = tiny_run.fit(tmp_path / "plain")
    for got, expected in zip(watched.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-4)
