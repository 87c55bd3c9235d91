"""Notes of measurements, each once, with those that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from larq_bvit.bench.report.wording import configuration
from larq_bvit.bench.results import Measurement


def distinct_notes(measurements: Sequence[Measurement]) -> list[str]:
    """Such as "note: cores 4 to 7 were at 2.9 GHz (deit_small:int8)".

    In the brackets is "all", or all of a runtime or of a file by its name, else one by one; failed
    measurements need not have a note for that.
    """
    notes = dict.fromkeys(note for m in measurements for note in m.notes)
    return [f"note: {note} ({'; '.join(_owners(note, measurements))})" for note in notes]


def _owners(note: str, measurements: Sequence[Measurement]) -> list[str]:
    having = [m for m in measurements if note in m.notes]
    others = [m for m in measurements if note not in m.notes and m.steady is not None]
    if not others and len(having) > 1:
        return ["all"]
    for names, rest in (
        ([m.runtime for m in having], {m.runtime for m in others}),
        ([m.file for m in having], {m.file for m in others}),
    ):
        if len(set(names)) < len(names) and rest.isdisjoint(names):
            return list(dict.fromkeys(names))
    return [f"{m.file}, {configuration(m)}" for m in having]
