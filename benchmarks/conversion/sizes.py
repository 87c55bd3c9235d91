"""Section a: what every model converts to, and what that takes."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import larq as lq
import tensorflow as tf

from benchmarks.conversion.models import Case, Conversions, with_float16
from benchmarks.table import Table
from larq_bvit import convert


def measure(
    cases: list[Case], conversions: Conversions, say: Callable[[str], None]
) -> dict[str, Any]:
    """One entry per case; a model that can't be had or converted has an `error` instead."""
    models = []
    for case in cases:
        say(f"a: {case}")
        entry = {"name": case.name, "size": case.size, "classes": case.classes}
        try:
            models.append({**entry, **_measure(case, conversions)})
        except ValueError as error:  # ConversionError among them
            models.append({**entry, "error": str(error)})
            say(f"   {error}")
    return {"models": models}


def _measure(case: Case, conversions: Conversions) -> dict[str, Any]:
    model = case.build()
    conversion = conversions(case, model)
    start = perf_counter()
    proof = convert.verify(model, conversion.tflite)
    verify_seconds = perf_counter() - start
    return {
        "weights": case.weights_name,
        "binary": conversion.binary_layers,
        "meant": _meant_binary(model),
        "operators": sum(conversion.census.operators.values()),
        "float32_bytes": len(conversion.tflite),
        "float16_bytes": len(with_float16(conversion.tflite)),
        "bits": conversion.census.bits,
        "convert_seconds": round(conversions.seconds[case], 1),
        "verify_seconds": round(verify_seconds, 1),
        "relative": max(agreement.relative for agreement in proof.kernels.values()),
        "holds": proof.holds,
        "edges": sorted({str(flip) for flips in proof.edges.values() for flip in flips if flip}),
        "verification": str(proof),
    }


def _meant_binary(model: tf.keras.Model) -> int:
    """Layers whose quantizers ask for one bit on both sides, counted in the Keras model."""
    return sum(
        all(
            getattr(getattr(layer, f"{side}_quantizer", None), "precision", 32) == 1
            for side in ("input", "kernel")
        )
        for layer in model.layers
        if isinstance(layer, lq.layers_base.BaseLayer)
    )


COLUMNS = ("Model", "Pixels", "Classes", "Binary layers", "Operators", "float32 MB")
COLUMNS += ("float16 MB", "Bits MB", "Convert s", "Verify s", "Worst difference")


def tables(result: dict[str, Any]) -> list[Table]:
    """For people."""
    every = Table("Every model", COLUMNS, [_row(entry) for entry in result["models"]])
    apart = [
        (f"`{entry['name']}`", str(entry["size"]), f"{entry['relative']:.1e}", _why(entry))
        for entry in result["models"]
        if _mark(entry)
    ]
    columns = ("Model", "Pixels", "Worst difference", "Why")
    title = "(*) A sign on a rounding edge, (!) verification does not hold"
    return [every, Table(title, columns, apart, words=4)] if apart else [every]


def _mark(entry: dict[str, Any]) -> str:
    if "error" in entry or (entry["holds"] and not entry["edges"]):
        return ""
    return " (*)" if entry["holds"] else " (!)"


def _why(entry: dict[str, Any]) -> str:
    return entry["edges"][0] if entry["holds"] else entry["verification"].replace("\n", "; ")


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    start = (f"`{entry['name']}`", str(entry["size"]), f"{entry['classes']:,}")
    if "error" in entry:
        return (*start, f"not converted: {entry['error']}", *[""] * (len(COLUMNS) - 4))
    return (
        *start,
        f"{entry['binary']} of {entry['meant']}",
        f"{entry['operators']:,}",
        *(f"{entry[key] / 1e6:.2f}" for key in ("float32_bytes", "float16_bytes", "bits")),
        *(f"{entry[key]:.1f}" for key in ("convert_seconds", "verify_seconds")),
        f"{entry['relative']:.1e}" + _mark(entry),
    )
