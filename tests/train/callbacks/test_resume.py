"""Keras' fit begins where the run stands."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.callbacks import Resume
from larq_bvit.train.metric_state import build_metrics, metric_variables
from larq_bvit.train.progress import Progress
from tests.train.tiny_run import STEPS, tiny_model, train_data


class Seen(tf.keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.batches, self.logs, self.epoch = [], {}, None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append((self.epoch, batch))

    def on_epoch_end(self, epoch, logs=None):
        self.logs[epoch] = logs


def fit(model, resume=None):
    seen = Seen()
    start = resume.progress if resume else Progress()
    data = train_data(start.step, start.epoch)
    callbacks = [*([resume] if resume else []), seen]
    model.fit(data, steps_per_epoch=STEPS, epochs=3, verbose=0, callbacks=callbacks)
    return seen


def resume(model, progress, values=None):
    build_metrics(model, train_data().element_spec)
    zeros = [v.numpy() for v in metric_variables(model)]
    return Resume(progress, zeros if values is None else values, STEPS)


def test_it_begins_within_an_epoch():
    model = tiny_model()
    seen = fit(model, resume(model, Progress(epoch=1, step=2)))
    assert seen.batches == [(1, 2), (1, 3), *((2, step) for step in range(STEPS))]
    assert model.optimizer.iterations.numpy() == 6


def test_averages_are_those_of_the_whole_epoch():
    model = tiny_model()
    values = [np.float32(value) for value in (80.0, 8.0, 6.0, 8.0)]  # loss 10, accuracy 0.75
    seen = fit(model, resume(model, Progress(epoch=2, step=1), values))
    total, count = (v.numpy() for v in metric_variables(model)[:2])
    assert count == 8 + 3 * 8
    assert seen.logs[2]["loss"] == pytest.approx(total / count) and total > 80


def test_the_step_that_only_the_evaluation_follows_does_nothing():
    model = tiny_model()
    values = [np.float32(value) for value in (64.0, 32.0, 24.0, 32.0)]
    seen = fit(model, resume(model, Progress(epoch=1, step=STEPS), values))
    assert seen.logs[1] == {"loss": 2.0, "accuracy": 0.75}
    assert model.optimizer.iterations.numpy() == STEPS  # those of the last epoch
    assert seen.batches[0] == (1, STEPS - 1) and len(seen.batches) == 1 + STEPS


def test_a_later_fit_is_another_one():
    model = tiny_model()
    fit(model, resume(model, Progress(epoch=2, step=3)))
    assert len(fit(model).batches) == 3 * STEPS
