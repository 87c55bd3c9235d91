"""What accuracy costs: time on each machine, and size."""

from __future__ import annotations

from collections.abc import Iterable

from larq_bvit.bench.entry import family
from larq_bvit.bench.report import wording
from larq_bvit.bench.report.baseline import timed
from larq_bvit.bench.report.page.blocks import command, figure, folded_up, legend, table
from larq_bvit.bench.report.page.classes import runtime_class
from larq_bvit.bench.report.page.markup import Markup, join, tag
from larq_bvit.bench.report.page.scatter import accuracy_chart
from larq_bvit.bench.report.pareto import (
    Point,
    datasets,
    front,
    has_unnamed_data,
    latency_points,
    size_points,
)
from larq_bvit.bench.report.rows import sample_notes
from larq_bvit.bench.results import Results

_UP = "Up and left is better; the line joins what nothing else beats."


def accuracy_section(results: Results) -> Markup:
    """Charts for every data set; files without accuracy are named below them."""
    figures = []
    alone = []
    for i, (data, files) in enumerate(datasets(results).items()):
        if len(files) == 1:
            alone.append(f"{files[0].name} has {wording.percent(files[0].accuracy)} on {data}")
            continue
        for j, place in enumerate(results.places):
            points = latency_points(results, files, place.name)
            title = f"Accuracy on {data} against time on {place.name}"
            names = {file.name for file in files}
            notes = sample_notes(m for m in timed(results, place.name) if m.file in names)
            figures.append(_figure(results, f"accuracy-{i}-{j}", title, points, "ms", notes))
        title = f"Accuracy on {data} against size of the file"
        figures.append(_figure(results, f"size-{i}", title, size_points(files), "KiB"))
    notes = [_unnamed(results)] if any(map(has_unnamed_data, results.files)) else []
    if alone:
        words = "each is the only file" if len(alone) > 1 else "it is the only file"
        notes.append(f"{wording.listed(alone)}: {words} of its data set, and there is no chart.")
    unknown = [file.name for file in results.files if file.accuracy is None]
    if unknown:
        notes.append(f"Without a known accuracy, and in no chart: {wording.listed(unknown)}.")
    if not any(figures) and not notes:
        return Markup()
    return tag(
        "section",
        tag("h2", "Accuracy, time and size"),
        tag("div", *figures, class_="grid"),
        *(tag("p", note, class_="note") for note in notes),
        id="accuracy",
    )


def _unnamed(results: Results) -> Markup:
    """Which accuracies are of nobody knows what, and how that is told."""
    names = [file.name for file in results.files if has_unnamed_data(file)]
    apart = " They are kept apart from all others, as if they were of the same data."
    return join(
        f"On what data the accuracy of {wording.listed(names)} was measured is not known."
        f"{apart if len(names) > 1 else ''} Name it so: ",
        tag("code", "--accuracy NAME=62.4@cifar10"),
    )


def _figure(
    results: Results,
    name: str,
    title: str,
    points: list[Point],
    unit: str,
    notes: Iterable[str] = (),
) -> Markup:
    if not points:
        return Markup()
    families = dict.fromkeys(family(p.runtime) for p in points if p.runtime)
    best = front(points)
    rows = [_row(point, point in best) for point in sorted(points, key=lambda p: p.cost)]
    headings = "File", "How it ran", "Top-1", unit, "Best"
    return figure(
        title,
        _UP,
        legend((f"form {runtime_class(f)}", f) for f in families) if families else None,
        accuracy_chart(name, title, points, unit),
        folded_up(
            "The same in figures",
            table(headings, rows, 2),
            *(tag("p", note, class_="note") for note in notes),
        ),
        command(results.command),
    )


def _row(point: Point, best: bool) -> tuple[str, ...]:
    return point.file, point.how, f"{point.top_1:.2%}", point.words, "yes" if best else ""
