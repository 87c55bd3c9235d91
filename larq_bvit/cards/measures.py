"""What a model weighs, computes and takes on this machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit import runtime
from larq_bvit._quiet import hidden_stderr
from larq_bvit.bench import interleaved, machine
from larq_bvit.cards.card import DELEGATE, LCE
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
    """The .tflite of a model: its size, and what the runtimes that are installed make of it.

    Accuracy is of all evaluation images. Latency is of one image on one pinned thread, in
    milliseconds, the median of rounds in which the runtimes take turns.
    """
    with hidden_stderr():  # what C++ libraries say
        tflite = to_tflite(model)
        indirect = Interpreter(tflite, use_indirect_bgemm=True)
        delegate = _delegate(tflite)
    top_1 = {  # LCE's two modes give the same numbers
        name: evaluate(tflite_classifier(tflite, interpreter=opened), data).top_1.as_dict()
        for name, opened in {LCE: indirect, **delegate}.items()
    }
    runtimes = {LCE: Interpreter(tflite), f"{LCE}, indirect": indirect, **delegate}
    image = np.zeros((1, *model.input_shape[1:]), np.float32)
    timings = interleaved(
        {name: partial(opened.predict, image) for name, opened in runtimes.items()},
        rounds=_ROUNDS,
    )
    return {
        "bytes": len(tflite),
        "top_1": top_1,
        "milliseconds": {
            name: [1e3 * timing.median, 1e3 * timing.low, 1e3 * timing.high]
            for name, timing in timings.items()
        },
        "machine": str(machine()),
    }


def _delegate(tflite: bytes) -> dict[str, Any]:
    """{name: interpreter} of the native delegate; nothing where it is not built."""
    try:
        return {DELEGATE: runtime.Interpreter(tflite)}
    except ImportError:
        return {}
