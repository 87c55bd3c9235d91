"""What matters most, in words."""

from __future__ import annotations

from dataclasses import dataclass

from larq_bvit.bench.report import wording
from larq_bvit.bench.report.baseline import steady, timed
from larq_bvit.bench.report.comparison import comparison_words
from larq_bvit.bench.report.pareto import datasets
from larq_bvit.bench.results import MeasuredFile, Measurement, Results


@dataclass(frozen=True)
class Headline:
    """A figure with what it is of and a sentence on it.

    `compared` says how many times as fast it is as each of what it is compared with: sentences and
    their intervals, as those of `comparison.comparison_words`.
    """

    title: str
    figure: str
    words: str
    compared: tuple[tuple[str, str], ...] = ()


def headlines(results: Results) -> list[Headline]:
    """The fastest of every place and shape of input, the smallest, the most accurate."""
    found = []
    for place in results.places:
        shapes = dict.fromkeys(results.file(m.file).input_shape for m in timed(results, place.name))
        for shape in shapes:
            alike = [
                m for m in timed(results, place.name) if results.file(m.file).input_shape == shape
            ]
            found.append(_fastest(results, alike))
    if results.files:
        found.append(_smallest(results.files))
    found += [_most_accurate(data, files) for data, files in datasets(results).items()]
    return found


def _fastest(results: Results, alike: list[Measurement]) -> Headline:
    """Of measurements at one place with inputs of one shape; baselines stand aside for others."""
    ours = [m for m in alike if m.file not in results.baselines]
    best, of_all = _quickest(ours or alike), _quickest(alike)
    several = len({file.input_shape for file in results.files}) > 1
    inputs = f", {wording.shape(results.file(best.file))}" if several else ""
    aside = "" if best is of_all else ", baselines aside"
    alone = len(timed(results, best.place)) == 1
    more = " Of each round only the mean is known." if best.sample == wording.MEAN else ""
    more += " Nothing else ran here." if alone else ""
    return Headline(
        f"Fastest on {best.place}{inputs}{aside}",
        f"{wording.milliseconds(steady(best).median)} ms",
        f"{best.file} in {wording.configuration(best)}.{more}",
        tuple(comparison_words(results, best)),
    )


def _quickest(measurements: list[Measurement]) -> Measurement:
    return min(measurements, key=lambda m: steady(m).median)


def _smallest(files: tuple[MeasuredFile, ...]) -> Headline:
    least, most = min(files, key=lambda f: f.bytes), max(files, key=lambda f: f.bytes)
    words = f"{least.name}."
    if most.bytes > least.bytes:
        ratio = wording.number(most.bytes / least.bytes)
        words = f"{least.name}; {most.name} is {ratio} times as large, {wording.size(most.bytes)}."
    return Headline("Smallest file", wording.size(least.bytes), words)


def _most_accurate(data: str, files: list[MeasuredFile]) -> Headline:
    best = max(files, key=lambda f: f.accuracy.top_1 if f.accuracy else 0.0)
    images = "" if not best.accuracy or not best.accuracy.images else best.accuracy.images
    of = f" Top-1 of {images:,} images." if images else " Top-1 as it was told."
    return Headline(f"Most accurate on {data}", wording.percent(best.accuracy), f"{best.name}.{of}")
