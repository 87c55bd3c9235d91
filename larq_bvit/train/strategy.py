"""Where a run happens: on one device, on several of this machine, on several machines."""

from __future__ import annotations

import logging
import os

import tensorflow as tf

from larq_bvit.train.tf_config import read_tf_config

log = logging.getLogger(__name__)

KINDS = "default, mirrored, workers, tpu or tpu:ADDRESS"


def make_strategy(kind: str = "default") -> tf.distribute.Strategy | None:
    """The strategy to train with; before TensorFlow does anything else.

    It is no part of a recipe: batches and learning rate are the same whatever it is.

    Arguments:
        kind: "default", one device, or the workers of TF_CONFIG where it names several;
            "mirrored", all GPUs of this machine (without any its logical CPUs);
            "workers", those of TF_CONFIG, each with all its GPUs;
            "tpu" or "tpu:ADDRESS", a TPU.

    Returns:
        None for one device without a strategy.

    Raises:
        ValueError: no such kind, TF_CONFIG is missing or wrong, or there is no TPU.
    """
    name, colon, address = kind.partition(":")
    if name == "tpu":
        return _tpu(address)
    if colon or name not in ("default", "mirrored", "workers"):
        raise ValueError(f"expected a strategy among {KINDS}; got {kind!r}")
    if name == "mirrored":
        return _mirrored()
    text = os.environ.get("TF_CONFIG", "")
    if not text.strip() or text.strip() == "{}":
        if name == "workers":
            raise ValueError("expected TF_CONFIG to name the workers; it is not set")
        return None
    cluster = read_tf_config(text)
    if name == "default" and len(cluster.addresses) == 1:
        return None
    workers = len(cluster.addresses)
    log.warning("worker %d of TF_CONFIG's %d, waiting for the others", cluster.index + 1, workers)
    return tf.distribute.MultiWorkerMirroredStrategy()


def check_batch(batch_size: int, strategy: tf.distribute.Strategy) -> None:
    """Refuses a batch that does not divide.

    Raises:
        ValueError: the replicas of all workers would have unequal parts of `batch_size`.
    """
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise ValueError(
            f"expected data.batch_size, of all {replicas} replicas together, to be a multiple of "
            f"{replicas}; got {batch_size}"
        )


def _mirrored() -> tf.distribute.Strategy:
    if tf.config.list_physical_devices("GPU"):
        return tf.distribute.MirroredStrategy()
    return tf.distribute.MirroredStrategy(
        [device.name.removeprefix("/device:") for device in tf.config.list_logical_devices("CPU")]
    )


def _tpu(address: str) -> tf.distribute.Strategy:
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu=address)
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    except (ValueError, RuntimeError, OSError, tf.errors.OpError) as error:
        where = f"at {address!r}" if address else "that TensorFlow would find by itself"
        raise ValueError(f"no TPU {where}: {error}") from error
