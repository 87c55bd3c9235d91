"""What a model weighs, computes and takes on this machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.bench import interleaved, machine
from larq_bvit.convert import Interpreter, to_tflite
from larq_bvit.train.classifier import tflite_classifier
from larq_bvit.train.data.load import Data
from larq_bvit.train.evaluate_model import evaluate
from larq_bvit.zoo.profile import profile

_ROUNDS = 50


def counts(model: tf.keras.Model, weights: Path) -> dict[str, Any]:
    """Parameters, multiply-accumulates and the size of the packed file."""
    counted = profile(model)
    return {
        "binary_parameters": counted.binary_parameters,
        "float_parameters": counted.float_parameters,
        "binary_macs": counted.binary_macs,
        "float_macs": counted.float_macs,
        "bytes": weights.stat().st_size,
        "bare_bytes": counted.packed_bytes,
    }


def deployed(model: tf.keras.Model, data: Data) -> dict[str, Any]:
    """The .tflite of a model: its size, accuracy on all evaluation images, and latency.

    Latency is of one image on one pinned thread, in milliseconds, the median of rounds in which
    the runtimes take turns.
    """
    tflite = to_tflite(model)
    evaluation = evaluate(tflite_classifier(tflite), data)
    image = np.zeros((1, *model.input_shape[1:]), np.float32)
    runtimes = {
        "Larq Compute Engine": Interpreter(tflite),
        "Larq Compute Engine, indirect": Interpreter(tflite, use_indirect_bgemm=True),
    }
    timings = interleaved(
        {name: partial(runtime.predict, image) for name, runtime in runtimes.items()},
        rounds=_ROUNDS,
    )
    return {
        "bytes": len(tflite),
        "top_1": evaluation.top_1.as_dict(),
        "milliseconds": {
            name: [1e3 * timing.median, 1e3 * timing.low, 1e3 * timing.high]
            for name, timing in timings.items()
        },
        "machine": str(machine()),
    }
