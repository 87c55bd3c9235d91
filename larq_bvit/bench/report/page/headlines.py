"""What matters most, in words."""

from __future__ import annotations

from dataclasses import dataclass

from larq_bvit.bench.report import wording
from larq_bvit.bench.report.baseline import baseline, speed, steady, timed
from larq_bvit.bench.report.pareto import datasets
from larq_bvit.bench.results import MeasuredFile, Measurement, Results


@dataclass(frozen=True)
class Headline:
    """A figure with what it is of and a sentence on it; `compared` is a second figure or empty."""

    title: str
    figure: str
    words: str
    compared: str = ""


def headlines(results: Results) -> list[Headline]:
    """The fastest of every place and shape of input, the smallest, the most accurate."""
    found = []
    for place in results.places:
        shapes = dict.fromkeys(results.file(m.file).input_shape for m in timed(results, place.name))
        for shape in shapes:
            alike = [
                m for m in timed(results, place.name) if results.file(m.file).input_shape == shape
            ]
            found.append(_fastest(results, min(alike, key=lambda m: steady(m).median)))
    if results.files:
        found.append(_smallest(results.files))
    found += [_most_accurate(data, files) for data, files in datasets(results).items()]
    return found


def _fastest(results: Results, best: Measurement) -> Headline:
    several = len({file.input_shape for file in results.files}) > 1
    inputs = f", {wording.shape(results.file(best.file))}" if several else ""
    title = f"Fastest on {best.place}{inputs}"
    figure = f"{wording.milliseconds(steady(best).median)} ms"
    what = f"{best.file} in {wording.configuration(best)}"
    base, compared = baseline(results, best), speed(results, best)
    if base is None or compared is None:
        alone = len(timed(results, best.place)) == 1
        more = "Nothing else ran here." if alone else "It is what others are compared with."
        return Headline(title, figure, f"{what}. {more}")
    ends = ""
    if compared.low is not None and compared.high is not None:
        places = wording.decimals(compared.value)
        ends = f"; 95% interval {compared.low:,.{places}f} to {compared.high:,.{places}f}"
    against = f"{base.file} in {wording.configuration(base)}"
    times = f"{wording.number(compared.value)} times as fast as the baseline"
    return Headline(title, figure, f"{what}, against {against}{ends}.", times)


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
