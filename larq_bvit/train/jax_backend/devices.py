"""Who has the GPUs while JAX trains."""

from __future__ import annotations

import logging

import tensorflow as tf

log = logging.getLogger(__name__)


def leave_gpus_to_jax() -> None:
    """TensorFlow takes none in this process, if it has not started yet.

    It would hold nearly all of their memory while JAX trains in another process; and an export
    would take its steps on GPUs that are too new for it.
    """
    try:
        tf.config.set_visible_devices([], "GPU")
    except RuntimeError as error:
        log.warning("TensorFlow may hold the GPUs' memory: %s", error)
