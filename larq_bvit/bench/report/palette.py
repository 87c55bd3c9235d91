"""Colours of kinds of operators and of runtimes, the same in every table, picture and page."""

from __future__ import annotations

from collections.abc import Iterable

from larq_bvit._palette import KINDS, OTHER
from larq_bvit.bench.entry import DELEGATE, LCE, XNNPACK, family
from larq_bvit.bench.results import OpTime

# {kind of the delegate: that whose colour it has where it is free}
_ALIKE = {"fusion": "elementwise", "not in the delegate": "layout"}
RUNTIMES = {LCE: "#999999", DELEGATE: "#0072b2", XNNPACK: "#e69f00"}
_OTHER_RUNTIME = "#cc79a7"


def runtime_colour(runtime: str) -> str:
    """Of "delegate:avx2" that of "delegate"."""
    return RUNTIMES.get(family(runtime), _OTHER_RUNTIME)


def kind_colours(profiles: Iterable[tuple[OpTime, ...]]) -> dict[str, str]:
    """{kind: colour} of all that occur, in the order of the palette, `OTHER` last.

    Kinds that are not in it get the colours that are left, the slowest first; where none is left,
    `folded` counts them to `OTHER`.
    """
    whole: dict[str, float] = {}
    for profile in profiles:
        for kind, ms in by_kind(profile).items():
            whole[kind] = whole.get(kind, 0.0) + ms
    colours = {kind: KINDS[kind] for kind in KINDS if kind in whole and kind != OTHER}
    free = {k: colour for k, colour in KINDS.items() if k not in colours and k != OTHER}
    strangers = sorted((kind for kind in whole if kind not in KINDS), key=lambda k: -whole[k])
    for kind in strangers[: len(free)]:
        alike = _ALIKE.get(kind)
        colours[kind] = free.pop(alike if alike in free else next(iter(free)))
    order = list(KINDS.values())
    colours = dict(sorted(colours.items(), key=lambda item: order.index(item[1])))
    left = whole.keys() - colours.keys()
    return {**colours, OTHER: KINDS[OTHER]} if left else colours


def by_kind(profile: Iterable[OpTime]) -> dict[str, float]:
    """{kind: milliseconds}, the slowest first; times below zero are the clock's and count as 0."""
    sums: dict[str, float] = {}
    for row in profile:
        sums[row.kind] = sums.get(row.kind, 0.0) + max(0.0, row.milliseconds)
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def folded(profile: Iterable[OpTime], colours: Iterable[str]) -> dict[str, float]:
    """{kind: milliseconds} in the order of `colours`; kinds without a colour are in `OTHER`."""
    sums = dict.fromkeys(colours, 0.0)
    for kind, ms in by_kind(profile).items():
        sums[kind if kind in sums else OTHER] += ms
    return {kind: ms for kind, ms in sums.items() if ms > 0}
