"""Which entries are measured."""

from __future__ import annotations

from typing import Any

from benchmarks.conversion import naive
from benchmarks.native_speed import names
from benchmarks.native_speed.runtimes import DELEGATE, LCE, TFLITE, Entry

_INDIRECT = {"use_indirect_bgemm": True}


def entries(isas: list[str], present: list[str], threads: list[int]) -> list[Entry]:
    """All that the benchmark compares.

    Arguments:
        isas: instruction sets of our delegate that this machine has, the best one first.
        present: names of the files at hand.
        threads: numbers of them.
    """
    every = [*_lce(names.NAIVE, threads[:1]), *_lce(names.FROZEN, threads), *_baselines(threads)]
    every += _ours(names.FROZEN, isas, (False, True), threads)
    for model in (names.REACTNET, names.BIREALNET):
        every += [*_lce(model, threads[:1]), *_ours(model, isas, (False,), threads)]
    return [entry for entry in every if entry.file in present]


def starting(isas: list[str], present: list[str]) -> list[Entry]:
    """Whose first inference is looked at: ours, fused, comes first."""
    every = [Entry(names.FROZEN, DELEGATE, {"isa": isas[0]}), Entry(names.FROZEN, LCE, _INDIRECT)]
    every += [Entry(name, TFLITE) for name in (names.TWIN, names.DEIT, names.DEIT_INT8)]
    return [entry for entry in every if entry.file in present]


def _lce(file: str, threads: list[int]) -> list[Entry]:
    return [Entry(file, LCE, options, n) for options in naive.MODES.values() for n in threads]


def _baselines(threads: list[int]) -> list[Entry]:
    twins = (names.TWIN, names.DEIT, names.DEIT_INT8, names.DEIT_DYNAMIC)
    twins += (names.RESNET, names.RESNET_INT8)
    return [Entry(twin, TFLITE, {}, n) for twin in twins for n in threads]


def _ours(file: str, isas: list[str], exact: tuple[bool, ...], threads: list[int]) -> list[Entry]:
    options: list[dict[str, Any]] = [
        {"isa": isa, **({"exact": 1} if mode else {})} for isa in isas for mode in exact
    ]
    return [Entry(file, DELEGATE, choice, n) for choice in options for n in threads]
