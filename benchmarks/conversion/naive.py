"""Section b: LCE's own conversion of the Keras model, without any freezing, against ours.

What ours is compared with has the batch size fixed, and nothing else changed.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import larq_compute_engine as lce
import numpy as np
import tensorflow as tf

from benchmarks.conversion.models import Case
from benchmarks.table import Table
from larq_bvit import convert
from larq_bvit.bench import Ratio, Timing, interleaved, speedup
from larq_bvit.bench.timing import ends
from larq_bvit.convert.verification.verify import sample_inputs
from larq_bvit.zoo import preprocess_input

MODES: dict[str, dict[str, Any]] = {
    "default": {},
    "indirect bgemm": {"use_indirect_bgemm": True},
    "indirect bgemm, XNNPACK": {"use_indirect_bgemm": True, "use_xnnpack": True},
}
OPEN, NAIVE, OURS = "LCE, open batch", "LCE, batch 1", "ours"


def convert_alone(model: tf.keras.Model) -> bytes:
    """By LCE's converter without any freezing, with the batch size fixed to 1."""
    image = tf.keras.Input(model.input_shape[1:], batch_size=1)
    return lce.convert_keras_model(tf.keras.Model(image, model(image), name=model.name))


_SIDES: dict[str, Callable[[tf.keras.Model], bytes]] = {
    OPEN: lambda model: lce.convert_keras_model(model),
    NAIVE: convert_alone,
    OURS: lambda model: convert.to_tflite(model, verify=False),
}


def measure(case: Case, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Files and times of both, one interleaved run, one thread, batch 1."""
    model = case.build()
    files, seconds = {}, {}
    for side, convert_it in _SIDES.items():
        say(f"b: {case}, {side}")
        start = perf_counter()
        files[side] = convert_it(model)
        seconds[side] = round(perf_counter() - start, 1)
    say(f"b: {rounds} interleaved rounds")
    image = preprocess_input(sample_inputs(model, 1)[:1])
    timings = _time(files, image, rounds)
    return {
        "model": str(case),
        "rounds": rounds,
        "files": {
            side: {"seconds": seconds[side], **_describe(tflite)} for side, tflite in files.items()
        },
        "modes": {mode: _compared(timings, mode) for mode in MODES},
        "fastest": _as_dict(speedup(_fastest(timings, NAIVE), _fastest(timings, OURS))),
        "noisy": max(timing.scatter for timing in timings.values()) > 0.1,
    }


def _time(files: dict[str, bytes], image: np.ndarray, rounds: int) -> dict[str, Timing]:
    """{"ours default": ...} of all files in all modes."""

    def work(interpreter: convert.Interpreter) -> Callable[[], object]:
        return lambda: interpreter.predict(image)

    workloads = {
        f"{side} {mode}": work(convert.Interpreter(tflite, num_threads=1, **options))
        for mode, options in MODES.items()
        for side, tflite in files.items()
    }
    return interleaved(workloads, rounds)


def _describe(tflite: bytes) -> dict[str, Any]:
    count = convert.census(tflite)
    return {
        "bytes": len(tflite),
        "operators": sum(count.operators.values()),
        "binary_layers": count.operators.get("LceBconv2d", 0),
        "binary_macs": count.binary_macs,
        "float_macs": count.float_macs,
    }


def _fastest(timings: dict[str, Timing], side: str) -> Timing:
    return min((timings[f"{side} {mode}"] for mode in MODES), key=lambda timing: timing.median)


def _compared(timings: dict[str, Timing], mode: str) -> dict[str, Any]:
    sides = {side: timings[f"{side} {mode}"] for side in _SIDES}
    times = {
        side: {"median": t.median, "low": t.low, "high": t.high, "scatter": t.scatter}
        for side, t in sides.items()
    }
    return {"times": times, "speedup": _as_dict(speedup(sides[NAIVE], sides[OURS]))}


def _as_dict(ratio: Ratio) -> dict[str, float]:
    return {"value": ratio.value, "low": ratio.low, "high": ratio.high}


def tables(result: dict[str, Any]) -> list[Table]:
    """For people."""
    columns = ("File", "Convert s", "MB", "Operators", "Binary layers", "binary GMACs")
    files = Table(
        f"Files of {result['model']}",
        (*columns, "float GMACs"),
        [(side, *_file_cells(file)) for side, file in result["files"].items()],
    )
    rows = [
        (mode, *map(_ms, entry["times"].values()), _times(entry["speedup"]))
        for mode, entry in result["modes"].items()
    ]
    times = Table(
        f"Times of {result['model']}: median in ms ({ends(result['rounds'])}), "
        f"{result['rounds']} rounds",
        ("Mode of LCE's interpreter", *_SIDES, f"{OURS} against {NAIVE}"),
        [*rows, ("each in its fastest mode", "", "", "", _times(result["fastest"]))],
    )
    return [files, times]


def _file_cells(file: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"{file['seconds']:.1f}",
        f"{file['bytes'] / 1e6:.2f}",
        f"{file['operators']:,}",
        f"{file['binary_layers']}",
        f"{file['binary_macs'] / 1e9:.3f}",
        f"{file['float_macs'] / 1e9:.3f}",
    )


def _ms(timing: dict[str, float]) -> str:
    median, low, high = (1e3 * timing[key] for key in ("median", "low", "high"))
    return f"{median:.1f} ({low:.1f} to {high:.1f})"


def _times(ratio: dict[str, float]) -> str:
    return f"{ratio['value']:.2f}x ({ratio['low']:.2f} to {ratio['high']:.2f})"
