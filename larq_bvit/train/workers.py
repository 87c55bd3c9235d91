"""What the workers of a run agree upon."""

from __future__ import annotations

import tensorflow as tf


def highest(strategy: tf.distribute.Strategy, value: int) -> int:
    """The highest of all workers' values, known to all of them; they must all call it.

    Alone, a worker just gets its value back.
    """
    resolver = strategy.cluster_resolver
    cluster = resolver.cluster_spec().as_dict() if resolver is not None else {}
    if len(cluster.get("worker", ())) + len(cluster.get("chief", ())) < 2:
        return value
    with tf.device("CPU:0"):
        mine = strategy.experimental_distribute_values_from_function(
            lambda _: tf.one_hot(value, 65, dtype=tf.int32)
        )
    # there is a sum of all workers, but no maximum
    votes = strategy.reduce(tf.distribute.ReduceOp.SUM, mine, axis=None)
    return int(tf.reduce_max(tf.where(votes > 0)))
