"""What the native delegate is to reach, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.native_speed import shares
from benchmarks.native_speed.names import (
    BIREALNET,
    DEIT,
    DEIT_DYNAMIC,
    DEIT_INT8,
    FROZEN,
    NAIVE,
    REACTNET,
    RESNET_INT8,
    TWIN,
)
from benchmarks.native_speed.runtimes import DELEGATE, LCE, TFLITE
from benchmarks.native_speed.speeds import Speed, Speeds, times
from benchmarks.table import Table
from larq_bvit.bench import speedup

Goal = tuple[str, str, str, bool]  # what, wanted, got, met

# how many times as fast as the file in its fastest mode
_AGAINST = (
    (FROZEN, LCE, 14),
    (NAIVE, LCE, 20),
    (DEIT, TFLITE, 10),
    (TWIN, TFLITE, 10),
    (DEIT_INT8, TFLITE, 5),
    (DEIT_DYNAMIC, TFLITE, 5),
)
_MILLISECONDS, _PRODUCT_MILLISECONDS = 7.5, 4.0
_THREADS_GAIN = 1.6
_CNNS = (REACTNET, BIREALNET)
_CNN_GAIN = 8
_MEGABYTES, _START_MILLISECONDS = 3.0, 60.0
_LARGE, _SMALL = 256, 64  # K and N of the kernels' goals
_LARGE_SHARE, _SMALL_SHARE = 0.85, 0.5


def table(sections: dict[str, Any]) -> Table:
    """The goals that the sections at hand can answer; the sections are `document`'s."""
    goals: list[Goal] = []
    for name, answer in {
        "speed": _speed,
        "start": _start,
        "shares": _shares,
        "kernels": _kernels,
    }.items():
        goals += answer(sections[name]) if name in sections else []
    rows = [(what, wanted, got, "yes" if met else "**no**") for what, wanted, got, met in goals]
    return Table("Goals", ("Goal", "Wanted", "Got", "Met"), rows, words=4)


def _speed(result: dict[str, Any]) -> Iterator[Goal]:
    speeds = Speeds(result)
    small = speeds.ours(FROZEN)
    if small is not None:
        yield from _small(speeds, small)
    if "avx2" in speeds.isas:
        avx2 = speeds.ours(FROZEN, "avx2")
        for name in (DEIT_INT8, DEIT_DYNAMIC):
            yield from _faster(avx2, speeds.fastest(name, TFLITE), 1, f"AVX2, as fast as {name}")
    for model in _CNNS:
        ours, theirs = speeds.ours(model), speeds.fastest(model, LCE)
        yield from _faster(ours, theirs, _CNN_GAIN, f"{model}, as fast as LCE's best mode")
        integers = speeds.fastest(RESNET_INT8, TFLITE)
        yield from _faster(ours, integers, 1, f"{model}, as fast as {RESNET_INT8}")
    ours = [x.entry["agreement"] for x in speeds if x.entry["runtime"] == DELEGATE]
    if ours:
        same, images = min(found["same"] for found in ours), ours[0]["images"]
        what = "logits are LCE's in all modes, but for signs on a rounding edge"
        yield what, f"some of {images} images", f"at least {same}", same > 0


def _small(speeds: Speeds, small: Speed) -> Iterator[Goal]:
    for name, runtime, wanted in _AGAINST:
        theirs = speeds.fastest(name, runtime)
        yield from _faster(small, theirs, wanted, f"{FROZEN}, as fast as {theirs}")
    got = 1e3 * small.timing.median
    wanted_time = f"under {_MILLISECONDS} ms"
    yield f"{FROZEN}, one thread", wanted_time, f"{got:.2f} ms", got < _MILLISECONDS
    both = speeds.ours(FROZEN, threads=2)
    yield from _faster(both, small, _THREADS_GAIN, f"{FROZEN}, two threads as fast as one")


def _faster(ours: Speed | None, theirs: Speed | None, wanted: float, what: str) -> Iterator[Goal]:
    if ours is None or theirs is None:
        return
    ratio = speedup(theirs.timing, ours.timing)
    # a goal of 1 means faster
    met = ratio.value > 1 if wanted == 1 else ratio.value >= wanted
    words = "faster" if wanted == 1 else f"at least {wanted:g}x"
    yield what, words, times(ratio), met


def _start(result: list[dict[str, Any]]) -> Iterator[Goal]:
    """The first entry of them is ours, fused, in the best instruction set."""
    ours = result[0]
    if ours["runtime"] != DELEGATE:
        return
    milliseconds = 1e3 * ours["both"]["median"]
    yield (
        f"{ours['file']}, from the path to the first result",
        f"at most {_START_MILLISECONDS:g} ms",
        f"{milliseconds:.1f} ms",
        milliseconds <= _START_MILLISECONDS,
    )
    if ours["activation_bytes"] is not None:
        megabytes = ours["activation_bytes"] / 1e6
        what, wanted = f"{ours['file']}, memory for maps", f"at most {_MEGABYTES:g} MB"
        yield what, wanted, f"{megabytes:.2f} MB", megabytes <= _MEGABYTES


def _shares(results: list[dict[str, Any]]) -> Iterator[Goal]:
    for result in results[:1]:  # BinaryViT small in the best instruction set
        got = result["kinds"].get(shares.PRODUCTS)
        if got is not None:
            what, wanted = f"{result['file']}, binary products", f"under {_PRODUCT_MILLISECONDS} ms"
            yield what, wanted, f"{got:.2f} ms", got < _PRODUCT_MILLISECONDS


def _kernels(result: dict[str, Any]) -> Iterator[Goal]:
    """Of the best instruction set, which comes first."""
    known = [shape for shape in result["shapes"] if "share" in shape]
    shapes = [shape for shape in known if shape["isa"] == known[0]["isa"]]
    if not shapes:
        return
    chosen = {
        (f"K and N from {_LARGE}", _LARGE_SHARE): lambda s: min(s["k"], s["n"]) >= _LARGE,
        (f"K = N = {_SMALL}", _SMALL_SHARE): lambda s: s["k"] == s["n"] == _SMALL,
    }
    for (what, least), belongs in chosen.items():
        worst = min(shape["share"] for shape in shapes if belongs(shape))
        wanted = f"at least {least:.0%} of the limit"
        yield f"bare products, {shapes[0]['isa']}, {what}", wanted, f"{worst:.0%}", worst >= least
