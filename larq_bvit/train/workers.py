"""The workers of a run: which of them this process is, and what they agree upon."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf


class LostWorkerError(RuntimeError):
    """Another worker is gone, and this one cannot go on."""


def shard(strategy: tf.distribute.Strategy) -> tuple[int, int]:
    """(index, count) of this worker, 0 being the chief; alone (0, 1), on however many devices."""
    resolver = strategy.cluster_resolver
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy) or resolver is None:
        return 0, 1
    cluster = resolver.cluster_spec().as_dict()
    chiefs, workers = (len(cluster.get(kind, ())) for kind in ("chief", "worker"))
    if chiefs + workers < 2:
        return 0, 1
    return resolver.task_id + (chiefs if resolver.task_type == "worker" else 0), chiefs + workers


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this worker writes what is to be written once."""
    return shard(strategy)[0] == 0


def highest(strategy: tf.distribute.Strategy, value: int) -> int:
    """The highest of all workers' values, known to all of them; they must all call it.

    Alone, a worker just gets its value back.

    Arguments:
        value: 0 to 64, as signals are.
    """
    # there is a sum of all workers, but no maximum
    votes = _sum(strategy, np.eye(65, dtype=np.int32)[value])
    return value if votes is None else int(votes.nonzero()[0].max())


def wait(strategy: tf.distribute.Strategy) -> None:
    """Until all workers have come here."""
    highest(strategy, 0)


@contextmanager
def together(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """What happens inside succeeds for all workers, or for none of them.

    Raises:
        ValueError: another worker has failed; one that fails itself raises its own error.
    """
    try:
        yield
    except Exception:
        highest(strategy, 1)
        raise
    if highest(strategy, 0):
        raise ValueError("another worker could not begin: see what it says")


@contextmanager
def explain_lost_worker(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """What TensorFlow raises when another worker has died becomes a LostWorkerError."""
    try:
        yield
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError) as error:
        if shard(strategy)[1] == 1:
            raise
        raise LostWorkerError(
            "another worker is gone, and training needs them all: start all of them again, to go "
            "on with the run"
        ) from error


def check_same(strategy: tf.distribute.Strategy, text: str, what: str) -> None:
    """Refuses workers that are not of one mind.

    Raises:
        ValueError: the texts of the workers differ.
    """
    content = text.encode(errors="surrogateescape")  # of classes that are not UTF-8
    digest = np.frombuffer(hashlib.sha256(content).digest(), np.uint8).astype(np.int32)
    total = _sum(strategy, np.concatenate([digest, digest**2]))
    if total is None:
        return
    sums, squares = np.split(total.astype(np.int64), 2)
    # equal for equal numbers alone (Cauchy and Schwarz)
    if (sums**2 != shard(strategy)[1] * squares).any():
        raise ValueError(f"expected all workers to have the same {what}; they differ")


def _sum(strategy: tf.distribute.Strategy, values: np.ndarray) -> np.ndarray | None:
    """Of all workers' int32 values; None for a worker alone."""
    if shard(strategy)[1] == 1:
        return None
    with tf.device("CPU:0"):
        # a worker with several replicas would count several times
        mine = strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(
                values if _first_of_worker(strategy, context) else np.zeros_like(values)
            )
        )
    return strategy.reduce(tf.distribute.ReduceOp.SUM, mine, axis=None).numpy()


def _first_of_worker(
    strategy: tf.distribute.Strategy, context: tf.distribute.experimental.ValueContext
) -> bool:
    local = strategy.num_replicas_in_sync // shard(strategy)[1]
    return context.replica_id_in_sync_group % local == 0
