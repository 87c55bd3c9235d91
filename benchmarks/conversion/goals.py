"""What conversion is to reach, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.table import Table

Goal = tuple[str, str, str, bool]  # what, wanted, got, met

_BYTES = (
    ("binaryvit_small", "float32", 7.6),
    ("reactnet_a", "float32", 8.0),
    ("birealnet_18", "float32", 4.5),
    ("binaryvit_small", "float16", 5.2),
)
_OPERATORS = 1500
_SECONDS, _AIM = 75, 40
_SPEEDUP = 1.5


def table(sections: dict[str, Any]) -> Table:
    """The goals that the sections at hand can answer."""
    goals = [*_conversion(sections.get("a")), *_speed(sections.get("b"))]
    goals += _agreement(sections.get("c"))
    rows = [(what, wanted, got, "yes" if met else "**no**") for what, wanted, got, met in goals]
    return Table("Goals", ("Goal", "Wanted", "Got", "Met"), rows, words=4)


def _conversion(result: dict[str, Any] | None) -> Iterator[Goal]:
    models = result["models"] if result else []
    done = [model for model in models if "error" not in model]
    if models:
        binary = sum(model["binary"] == model["meant"] for model in done)
        yield (
            "all binary layers bit-packed",
            f"{len(models)} of {len(models)} models",
            f"{binary}",
            binary == len(models),
        )
        holds = sum(model["holds"] for model in done)
        yield (
            "verified in all kernels, but for signs on a rounding edge",
            f"{len(models)} of {len(models)} models",
            f"{holds}",
            holds == len(models),
        )
    by_name = {model["name"]: model for model in done if model["size"] == 224}
    for name, storage, megabytes in _BYTES:
        if name in by_name:
            got = by_name[name][f"{storage}_bytes"] / 1e6
            what = f"`{name}` at 224, {storage}"
            yield what, f"at most {megabytes} MB", f"{got:.2f} MB", got <= megabytes
    if small := by_name.get("binaryvit_small"):
        yield from _binaryvit_small(small)


def _binaryvit_small(entry: dict[str, Any]) -> Iterator[Goal]:
    count, seconds = entry["operators"], entry["convert_seconds"] + entry["verify_seconds"]
    what = "`binaryvit_small` at 224"
    yield f"{what}, operators", f"at most {_OPERATORS:,}", f"{count:,}", count <= _OPERATORS
    yield (
        f"{what}, converted and verified",
        f"within {_SECONDS} s (aim {_AIM})",
        f"{seconds:.1f} s",
        seconds <= _SECONDS,
    )


def _speed(result: dict[str, Any] | None) -> Iterator[Goal]:
    if result:
        rows = {mode: entry["speedup"] for mode, entry in result["modes"].items()}
        rows["each in its fastest mode"] = result["fastest"]
        for mode, ratio in rows.items():
            yield (
                f"{result['model']} as fast as LCE's own, {mode}",
                f"at least {_SPEEDUP}x",
                f"{ratio['value']:.2f}x",
                ratio["value"] >= _SPEEDUP,
            )


def _agreement(result: dict[str, Any] | None) -> Iterator[Goal]:
    for model in result["models"] if result else []:
        differ = [case for case in model["explained"] if case["disagrees"]]
        explained = sum(case["flip"] is not None for case in differ)
        looked = f"{len(differ)} of {len(differ)}"
        if model["disagreements"] > len(differ):
            looked += f" (of {model['disagreements']}, the first are looked into)"
        yield (
            f"{model['model']}: other best classes come from signs on a rounding edge",
            looked,
            f"{explained}",
            explained == len(differ),
        )
