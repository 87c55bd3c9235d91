"""What a model weighs, computes and takes on this machine."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import tensorflow as tf

from larq_bvit import runtime
from larq_bvit._quiet import hidden_stderr
from larq_bvit.bench import Timing, entry, machine
from larq_bvit.bench.local.mode import LCE_OPTIONS, Mode
from larq_bvit.bench.local.turns import in_turn
from larq_bvit.bench.local.worker import Worker
from larq_bvit.bench.subjects.example import example
from larq_bvit.bench.subjects.facts import input_of
from larq_bvit.cards.card import DELEGATE, LCE
from larq_bvit.convert import Interpreter, to_tflite
from larq_bvit.train.classifier import tflite_classifier
from larq_bvit.train.data.load import Data
from larq_bvit.train.evaluate_model import evaluate
from larq_bvit.zoo.profile import profile

_ROUNDS = 20


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
    milliseconds, as `larq-bvit benchmark` measures it.

    Raises:
        RuntimeError: a runtime fails on the file, or this system can't time files.
    """
    with hidden_stderr():  # what C++ libraries say
        tflite = to_tflite(model)
        indirect = Interpreter(tflite, use_indirect_bgemm=True)
        delegate = _delegate(tflite)
    top_1 = {  # LCE's two modes give the same numbers
        name: evaluate(tflite_classifier(tflite, interpreter=opened), data).top_1.as_dict()
        for name, opened in {LCE: indirect, **delegate}.items()
    }
    modes = {LCE: Mode(entry.LCE), f"{LCE}, indirect": Mode(entry.LCE, LCE_OPTIONS["indirect"])}
    modes |= {name: Mode(entry.DELEGATE) for name in delegate}
    return {
        "bytes": len(tflite),
        "top_1": top_1,
        "milliseconds": {
            name: [1e3 * timing.median, 1e3 * timing.low, 1e3 * timing.high]
            for name, timing in _timings(tflite, modes).items()
        },
        "machine": str(machine()),
    }


def _delegate(tflite: bytes) -> dict[str, Any]:
    """{name: interpreter} of the native delegate; nothing where it is not built."""
    try:
        return {DELEGATE: runtime.Interpreter(tflite)}
    except ImportError:
        return {}


def _timings(tflite: bytes, modes: dict[str, Mode]) -> dict[str, Timing]:
    """Of an inference in each mode: processes of their own, which take turns."""
    image = example(input_of(tflite))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        path = Path(folder) / "model.tflite"
        path.write_bytes(tflite)
        workers = [stack.enter_context(Worker(mode, path, [image])) for mode in modes.values()]
        samples = in_turn([worker.turn for worker in workers], _ROUNDS)
    return dict(zip(modes, map(Timing.of, samples), strict=True))
