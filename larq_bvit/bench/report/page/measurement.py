"""All that is known of one measurement."""

from __future__ import annotations

from larq_bvit.bench.report import wording
from larq_bvit.bench.report.page.blocks import command, facts, folded_up
from larq_bvit.bench.report.page.markup import Markup, join, tag
from larq_bvit.bench.report.page.operators import operator_list
from larq_bvit.bench.results import Measurement


def measurement_block(name: str, measurement: Measurement, room: int) -> Markup:
    """A block to unfold: how it ran, its command, its operators.

    Arguments:
        name: unique on the page.
        measurement: which has not failed.
        room: bytes for its operators.
    """
    assert measurement.steady is not None, "failed ones are told apart"
    summary = join(
        tag("span", f"{measurement.file}, {wording.configuration(measurement)}"),
        tag("b", f"{wording.typical(measurement, ends=False)} ms"),
    )
    return folded_up(
        summary,
        facts(_facts(measurement)),
        *(tag("p", note, class_="note") for note in measurement.notes),
        command(measurement.command),
        operator_list(measurement, room),
        id=name,
        class_="measurement",
    )


def _facts(measurement: Measurement) -> list[tuple[str, object]]:
    m, steady = measurement, measurement.steady
    assert steady is not None
    maps = m.activation_bytes
    return [
        ("Runtime", m.about),
        ("Instructions", m.instructions),
        ("Steady", f"{wording.typical(m)} ms, {len(steady.samples):,} samples"),
        ("Middle half of the samples", f"spreads by {steady.scatter:.1%}"),
        ("First inference", "" if m.first is None else f"{wording.milliseconds(m.first)} ms"),
        ("Loading", "" if m.init is None else f"{wording.milliseconds(m.init)} ms"),
        ("Peak memory", _peak(m)),
        ("Memory of feature maps", "" if maps is None else wording.size(maps)),
        ("Left to the runtime", _left(m)),
        ("Cosine of its output and the reference's", "" if m.cosine is None else f"{m.cosine:.6f}"),
    ]


def _peak(measurement: Measurement) -> str:
    if measurement.peak_memory is None:
        return ""
    return (
        f"{wording.size(measurement.peak_memory)} on top of the process before it opened the file"
    )


def _left(measurement: Measurement) -> str:
    if measurement.left is None:
        return ""
    return ", ".join(f"{n} {name}" for name, n in measurement.left.items()) or "nothing"
