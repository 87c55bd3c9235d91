"""Where an inference spends its time, by the delegate's own profile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.table import Table
from larq_bvit import runtime
from larq_bvit.bench import pinned
from larq_bvit.convert import census

PRODUCTS = "product"  # the delegate's kind of binary products


def measure(paths: dict[str, Path], image: np.ndarray, isas: list[str], repeats: int) -> Any:
    """Per file and instruction set the milliseconds of each kind of work, on one thread."""
    results = []
    for name, path in paths.items():
        macs = census(path.read_bytes()).binary_macs
        for isa in isas:
            with pinned():
                profile = runtime.Interpreter(path, isa=isa).profile(image, repeats=repeats)
            results.append(
                {
                    **{"file": name, "isa": isa, "binary_macs": macs},
                    "kinds": profile.by_kind(),
                    "milliseconds": profile.milliseconds,
                }
            )
    return results


def rate(result: dict[str, Any]) -> float | None:
    """Binary GMAC/s within the products."""
    milliseconds = result["kinds"].get(PRODUCTS)
    return result["binary_macs"] / milliseconds / 1e6 if milliseconds else None


def table(results: list[dict[str, Any]], limits: dict[str, float]) -> Table:
    """For people.

    Arguments:
        results: of `measure`.
        limits: {instruction set: binary GMAC/s that the processor can do at most}.
    """
    kinds = list(dict.fromkeys(kind for result in results for kind in result["kinds"]))
    return Table(
        "Milliseconds and shares by kind of work",
        ("File", "Instructions", "All", *kinds, "GMAC/s of products"),
        [_row(result, kinds, limits.get(result["isa"])) for result in results],
        words=2,
    )


def _row(result: dict[str, Any], kinds: list[str], limit: float | None) -> tuple[str, ...]:
    whole, speed = result["milliseconds"], rate(result)
    cells = [
        f"{result['kinds'][kind]:.2f} ({result['kinds'][kind] / whole:.0%})"
        if kind in result["kinds"]
        else ""
        for kind in kinds
    ]
    of_limit = f" ({speed / limit:.0%} of {limit:,.0f})" if speed and limit else ""
    last = f"{speed:,.0f}{of_limit}" if speed else ""
    return (result["file"], result["isa"], f"{whole:.2f}", *cells, last)
