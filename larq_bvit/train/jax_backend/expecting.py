"""The first steps of a job by TensorFlow, for `run.py --verify` to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.train.data.sampler import Sampler
from larq_bvit.train.jax_backend.shards import Split
from larq_bvit.train.jax_backend.steps import Function
from larq_bvit.train.jax_backend.variables import read
from larq_bvit.train.progress import Progress

EXPECTED = "expected.json"  # the runner has it, too


def expected_steps(
    function: Function,
    images: Split,
    order: Sampler,
    progress: Progress,
    steps: int,
    moments: Mapping[str, Any],
) -> dict[str, Any]:
    """Takes steps, none beyond the epoch's end; the model is another one afterwards.

    By TensorFlow's own operators, not XLA's, whose compiler on CPUs may take minutes.

    Arguments:
        function: of `train_function`.
        images: to train on.
        order: of the run's steps.
        progress: where the run stands.
        steps: how many, at most.
        moments: averages of gradients that the optimizer keeps, by name.

    Returns:
        For JSON: the name of the snapshot that it began at, the loss after each step as Keras
        reports it (of the epoch so far), and the length of each moment after the last.
    """
    first = progress.epoch * order.steps_per_epoch + progress.step
    count = min(steps, order.steps_per_epoch - progress.step)
    step = tf.function(function.call, autograph=False)
    losses = []
    for number in range(first, first + count):
        indices, draws = order(number)
        logs = dict(zip(function.results, step(*images.batch(indices), draws), strict=True))
        losses.append(float(logs["loss"]))
    lengths = {
        name: float(np.linalg.norm(value.astype(np.float64)))
        for name, value in read(moments).items()
    }
    return {"state": progress.name, "loss": losses, "moments": lengths}
