"""Results as CSV, for spreadsheets and for comparing with timm's lists."""

from __future__ import annotations

import csv
from io import StringIO
from statistics import fmean

from larq_bvit.bench.report.wording import printable
from larq_bvit.bench.results import MeasuredFile, Measurement, Results

# of timm's results/benchmark-infer-*.csv, in their order; the last two count what one image needs
TIMM_COLUMNS = (
    "model",
    "infer_img_size",  # pixels, the width
    "infer_samples_per_sec",
    "infer_step_time",  # ms, the mean, of a batch
    "infer_batch_size",
    "param_count",  # M
    "infer_gmacs",  # G, all of them, whatever their bits
    "infer_macts",  # M
)
COLUMNS = (
    *TIMM_COLUMNS,
    "place",
    "runtime",
    "threads",
    "binary_gmacs",
    "float_gmacs",
    "tflite_kib",
    "init_ms",
    "first_ms",
    "device_ms",  # the median of the rounds' samples
    "device_ms_low",  # ends of what `interval` says
    "device_ms_high",
    "interval",  # "95%", or of fewer than 5 rounds "min to max"; empty of one
    "sample",  # of a round's inferences: "median" or "mean"
    "peak_memory_mib",
    "cosine",  # of its output and the reference's
    "top1",  # percent, as in timm's results-*.csv
    "error",
    "notes",
)
_FORMULA = tuple("=+-@")  # what a spreadsheet computes where a cell begins so


def to_csv(results: Results) -> str:
    """A row per measurement, with timm's columns first; what is not known is empty.

    Numbers have six digits that count. As timm does, `infer_step_time` and
    `infer_samples_per_sec` are of the mean; `device_ms` is the median. A text that a spreadsheet
    would take for a formula gets an apostrophe before it.
    """
    text = StringIO()
    table = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    for measurement in results.measurements:
        file = results.file(measurement.file)
        cells = {**_of_file(file), **_of_measurement(measurement), **_times(measurement, file)}
        table.writerow({name: _cell(value) for name, value in cells.items()})
    return text.getvalue()


def _of_file(file: MeasuredFile) -> dict[str, object]:
    images = _batch(file)
    return {
        "model": file.name,
        "infer_img_size": file.input_shape[2] if len(file.input_shape) == 4 else None,
        "infer_batch_size": images,
        "param_count": file.parameters / 1e6,
        "infer_gmacs": (file.binary_macs + file.float_macs) / 1e9 / images,
        "infer_macts": file.activations / 1e6 / images,
        "binary_gmacs": file.binary_macs / 1e9 / images,
        "float_gmacs": file.float_macs / 1e9 / images,
        "tflite_kib": file.bytes / 1024,
        "top1": None if file.accuracy is None else 100 * file.accuracy.top_1,
    }


def _of_measurement(measurement: Measurement) -> dict[str, object]:
    peak = measurement.peak_memory
    return {
        "place": measurement.place,
        "runtime": measurement.runtime,
        "threads": measurement.threads,
        "init_ms": _ms(measurement.init),
        "first_ms": _ms(measurement.first),
        "peak_memory_mib": None if peak is None else peak / 2**20,
        "cosine": measurement.cosine,
        "error": measurement.error,
        "notes": "; ".join(measurement.notes),
    }


def _times(measurement: Measurement, file: MeasuredFile) -> dict[str, object]:
    steady = measurement.steady
    if steady is None:
        return {}
    seconds = fmean(steady.samples)
    times: dict[str, object] = {
        "infer_samples_per_sec": _batch(file) / seconds,
        "infer_step_time": 1e3 * seconds,
        "device_ms": _ms(steady.median),
        "sample": measurement.sample,
    }
    if len(steady.samples) < 2:
        return times
    return {
        **times,
        "device_ms_low": _ms(steady.low),
        "device_ms_high": _ms(steady.high),
        "interval": "95%" if steady.is_interval else "min to max",
    }


def _batch(file: MeasuredFile) -> int:
    return max(1, file.input_shape[0]) if file.input_shape else 1


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else 1e3 * seconds


def _cell(value: object) -> object:
    """One line, no formula, and no digits that mean nothing."""
    if value is None:
        return ""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, str):
        text = " ".join(printable(value).split())
        return f"'{text}" if text.startswith(_FORMULA) else text
    return value
