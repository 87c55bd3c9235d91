"""The batches of a worker, split between its devices."""

from __future__ import annotations

from math import ceil
from typing import Any

import tensorflow as tf

from larq_bvit.train.data.load import Data


def train_batches(
    data: Data, strategy: tf.distribute.Strategy, *, step: int = 0, epoch: int = 0
) -> Any:
    """`data.train`, of whose batches every replica gets an equal part, in their order."""
    if strategy.num_replicas_in_sync == 1:
        return data.train(step, epoch)
    size = data.config.batch_size // strategy.num_replicas_in_sync
    return strategy.distribute_datasets_from_function(
        lambda _: data.train(step, epoch).rebatch(size, drop_remainder=True)
    )


def evaluation_batches(data: Data, strategy: tf.distribute.Strategy) -> tuple[Any, int | None]:
    """`data.evaluation`, and how many steps of it there are; None where the data know it.

    All workers do as many steps. Where one has no images left, its batches are empty: they count
    for nothing in Keras' means, so that these are those of every image once.
    """
    if strategy.num_replicas_in_sync == 1:
        return data.evaluation(), None
    workers = data.config.shard[1]
    replicas = strategy.num_replicas_in_sync // workers
    size = max(1, data.eval_batch_size // replicas)
    steps = ceil(ceil(data.eval_examples / workers) / (size * replicas))

    def batches(_: tf.distribute.InputContext) -> tf.data.Dataset:
        images = data.evaluation().rebatch(size)
        nothing = [tf.zeros((0, *spec.shape[1:]), spec.dtype) for spec in images.element_spec]
        return images.concatenate(tf.data.Dataset.from_tensors(tuple(nothing)).repeat())

    return strategy.distribute_datasets_from_function(batches), steps
