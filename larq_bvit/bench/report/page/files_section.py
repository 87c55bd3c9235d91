"""The files that were measured."""

from __future__ import annotations

from larq_bvit.bench.report import wording
from larq_bvit.bench.report.page.blocks import facts
from larq_bvit.bench.report.page.markup import Markup, tag
from larq_bvit.bench.results import MeasuredFile, Results


def files_section(results: Results) -> Markup:
    """A block per file."""
    blocks = [
        tag("div", tag("h3", file.name), tag("p", file.about), facts(_facts(file)), class_="file")
        for file in results.files
    ]
    return tag("section", tag("h2", "Files"), tag("div", *blocks, class_="grid"), id="files")


def _facts(file: MeasuredFile) -> list[tuple[str, object]]:
    accuracy = file.accuracy
    return [
        ("Size", f"{wording.size(file.bytes)} ({file.bytes:,} bytes)"),
        ("Accuracy", "not known" if accuracy is None else wording.accuracy_in_words(accuracy)),
        ("Parameters", wording.amount(file.parameters)),
        ("Multiply-accumulates of one bit", wording.amount(file.binary_macs)),
        ("All others", wording.amount(file.float_macs)),
        ("Numbers that its products give", wording.amount(file.activations)),
        ("Operators", f"{file.operators:,}"),
        ("Input", f"{wording.shape(file)}, {file.input_type}"),
        ("SHA-256", tag("code", file.sha256)),
    ]
