"""Bare binary products against what the processor can do at most, by native/tests/bench_kernels."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.table import Table
from larq_bvit.bench import pinned

_SOURCE = Path(__file__).parents[2] / "native" / "tests"
_PROGRAM = "bench_kernels"


def measure(folder: Path, isas: list[str], milliseconds: float) -> dict[str, Any]:
    """{"shapes": what the program says of each instruction set and shape}.

    Arguments:
        folder: where the program is built.
        isas: instruction sets to measure.
        milliseconds: of each shape.

    Raises:
        RuntimeError: the program can't be built or fails; says how.
    """
    program = _build(folder)
    shapes: list[dict[str, Any]] = []
    for isa in isas:
        with pinned():
            lines = _run([str(program), isa, str(milliseconds)]).splitlines()
        shapes += [json.loads(line) for line in lines]
    return {"shapes": shapes}


def _build(folder: Path) -> Path:
    _run(["cmake", "-S", str(_SOURCE), "-B", str(folder), "-DCMAKE_BUILD_TYPE=Release"])
    _run(["cmake", "--build", str(folder), "--target", _PROGRAM, "--parallel", "2"])
    (program,) = (path for path in folder.rglob(_PROGRAM) if path.is_file())
    return program


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise RuntimeError(f"{command[0]} is not installed") from error
    except subprocess.CalledProcessError as error:
        said = f"{error.stdout}{error.stderr}"[-3000:]
        raise RuntimeError(f"{' '.join(command)} failed:\n{said}") from error
    return done.stdout


def table(result: dict[str, Any]) -> Table:
    """For people: a row per instruction set and product, a column per number of rows."""
    rows: dict[tuple[str, int, int], dict[int, dict[str, Any]]] = {}
    for shape in result["shapes"]:
        rows.setdefault((shape["isa"], shape["k"], shape["n"]), {})[shape["m"]] = shape
    counts = sorted({shape["m"] for shape in result["shapes"]})
    return Table(
        "Binary GMAC/s, and the share of the processor's limit",
        ("Instructions", "K", "N", *(f"M = {m:,}" for m in counts)),
        [
            (isa, f"{k:,}", f"{n:,}", *(_cell(by_m.get(m)) for m in counts))
            for (isa, k, n), by_m in rows.items()
        ],
    )


def _cell(shape: dict[str, Any] | None) -> str:
    if shape is None:
        return ""
    share = f" ({shape['share']:.0%})" if "share" in shape else ""
    return f"{shape['gmac_per_s']:,.0f}{share}"
