"""What a benchmark program printed: times and memory, or why there are none.

These programs print, of all versions since 2018: "Initialized session in X ms.", a line of
statistics in microseconds ("count=50 first=... avg=...") for the warm-up and one for the runs that
count, then a summary ("Inference timings in us: ..."), whose words differ by version.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from larq_bvit.bench.benchmark_model.failures import how_ended, why_failed, why_untrue
from larq_bvit.bench.benchmark_model.lines import NUMBER, clean_lines, number
from larq_bvit.bench.benchmark_model.statistics import Statistics, statistics

_MIB = 2**20
_INIT = re.compile(rf"Initialized session in ({NUMBER}) ?ms")
_SUMMARIES = (
    re.compile(  # TensorFlow Lite since 2020
        rf"Inference timings in us: Init: ({NUMBER}), First inference: (?P<first>{NUMBER}), "
        rf"Warmup \(avg\): (?:{NUMBER}|-?nan), Inference \(avg\): (?P<mean>{NUMBER})\s*$"
    ),
    re.compile(  # until then
        rf"Average inference timings in us: Warmup: (?:{NUMBER}|-?nan), Init: {NUMBER}, "
        rf"(?:no stats|Inference): (?P<mean>{NUMBER})"
    ),
    re.compile(rf"Inference \(avg\): +(?P<mean_ms>{NUMBER}) ms \(\d+ runs\)"),  # LiteRT
)
_SUMMARY = re.compile(r"nference timings in us:|Inference \(avg\): +\S+ ms")
_MEMORY = re.compile(
    rf"(?:Memory footprint delta from the start of the tool|Peak memory footprint) \(MB\): "
    rf"init={NUMBER} overall=(?P<delta>{NUMBER})|Overall footprint: +(?P<litert>{NUMBER}) MB"
    rf"|\[Overall\] - Memory usage: max resident set size = (?P<old>{NUMBER}) MB"
)
_NOTES = {
    r"partially executed by the delegate w/ (\d+) delegate kernel": "the delegate runs {0} part(s) "
    "of the model, the runtime's own kernels the rest",
    r"Replacing (\d+) out of (\d+) node\(s\) with delegate \((\w+)\) node, yielding (\d+) part": (
        "{2} took over {0} of {1} operators, in {3} part(s)"
    ),
    r"Created TensorFlow Lite XNNPACK delegate for CPU": "XNNPACK is on",
}
_STAGES = {  # what is printed in turn, and what is missing where it ends before
    "STARTING!": "its first line",
    "Loaded model": "'Loaded model'",
    "Initialized session in": "'Initialized session in'",
    "Running benchmark for": "'Running benchmark for'",
    "count=": "the statistics of a run ('count=')",
}


@dataclass(frozen=True)
class Output:
    """Times of a model, in seconds.

    Attributes:
        init: from the path to a loaded model.
        first: of the first inference.
        warmup: mean of the runs that don't count, the first among them; None: there were none.
        mean: of the runs that count.
        min: the fastest of them.
        max: the slowest.
        std: their standard deviation.
        runs: how many there were.
        median: of them; only programs since 2024 tell it.
        peak_memory: bytes that the process took at most, on top of what it had before; None
            where the system does not tell. Linux counts the largest memory of a process from that
            of the one that turned into it: a program is to be started by a small one, such as a
            shell that stays, else this is too little or None.
        notes: what a reader should know: which delegate ran what.
    """

    init: float
    first: float
    warmup: float | None
    mean: float
    min: float
    max: float
    std: float
    runs: int
    median: float | None = None
    peak_memory: int | None = None
    notes: tuple[str, ...] = ()


def parse_output(text: str, status: int = 0) -> Output:
    """Reads what a program of TensorFlow Lite, LiteRT or Larq Compute Engine printed.

    Arguments:
        text: standard output and errors, in any order; lines of Android's log may be among them.
        status: with which the program ended; 128 + N where signal N ended it.

    Raises:
        ValueError: it has no times, or not those that were asked for; the message says why, and
            what to do.
    """
    lines = clean_lines(text)
    summary = next((line for line in lines if _SUMMARY.search(line)), None)
    if summary is None:
        raise ValueError(_why_none(lines, status))
    if reason := why_untrue(lines):
        raise ValueError(reason)
    match = next((m for form in _SUMMARIES if (m := form.search(summary))), None)
    if match is None:
        raise ValueError(f"expected numbers in the summary of the runs; got {summary!r}: {_AGAIN}")
    init = _first_match(_INIT, lines)
    warmup, runs = _both(lines, init)
    _compare(match.groupdict(), runs, summary)
    first = number(match["first"]) if "first" in match.groupdict() else 0.0
    return Output(
        init=number(init[1]) / 1e3,  # type: ignore[index]  # `_both` has checked it
        first=(first or (warmup if warmup.count else runs).first) / 1e6,
        warmup=warmup.mean / 1e6 if warmup.count else None,
        mean=runs.mean / 1e6,
        min=runs.min / 1e6,
        max=runs.max / 1e6,
        std=runs.std / 1e6,
        runs=runs.count,
        median=None if runs.median is None else runs.median / 1e6,
        peak_memory=_memory(lines),
        notes=_notes(lines, status),
    )


_AGAIN = "was it cut or mixed with another program's output? Run it again"


def _both(lines: Sequence[str], init: re.Match[str] | None) -> tuple[Statistics, Statistics]:
    """Of the warm-up and of the runs that count, which are told last."""
    own = [line for line in lines if not re.search(r"Timings \(micro|Memory \(bytes", line)]
    found = [known for line in own if (known := statistics(line)) is not None]
    if init is None or len(found) < 2:
        missing = "'Initialized session in X ms'" if init is None else "'count=' of two runs"
        raise ValueError(f"expected the program's line(s) {missing}; they are missing: {_AGAIN}")
    if not found[-1].count:
        raise ValueError("expected at least one run that counts; got none: ask for more runs")
    return found[-2], found[-1]


def _compare(summary: dict[str, str | None], runs: Statistics, line: str) -> None:
    """The summary repeats the mean, so that what was mixed or garbled shows."""
    if text := summary.get("mean_ms"):
        mean, allowed = 1e3 * number(text), 6.0  # microseconds; it has two digits of a millisecond
    else:
        mean, allowed = number(summary["mean"] or ""), 1 + 1e-5 * runs.mean
    if abs(mean - runs.mean) > allowed:
        raise ValueError(
            f"expected the mean of the runs, {runs.mean:g} us, in the summary, too; got "
            f"{line.strip()!r}: {_AGAIN}"
        )


def _why_none(lines: Sequence[str], status: int) -> str:
    """Why there is no summary."""
    if reason := why_failed(lines, status):
        return reason
    ended = how_ended(lines, status)
    missing = "'Inference timings in us'"
    for mark, name in _STAGES.items():
        if not any(mark in line for line in lines):
            missing = name
            break
    last = f"its last was {lines[-1].strip()!r}" if lines else "it printed nothing"
    cut = f"the program ended before it printed {missing}; {last}"
    if ended:
        return f"{cut}: {ended}"
    errors = [line for line in lines if re.match(r"\s*(ERROR|FATAL):", line)]
    told = f"; it said {' / '.join(errors)!r}" if errors else ""
    return f"{cut}{told}: was the connection cut, or the time too short? Run it again"


def _memory(lines: Sequence[str]) -> int | None:
    match = _first_match(_MEMORY, lines)
    text = next((value for value in match.groupdict().values() if value), "0") if match else "0"
    return round(number(text) * _MIB) or None  # 0: the system does not tell


def _notes(lines: Sequence[str], status: int) -> tuple[str, ...]:
    text = "\n".join(lines)
    notes = [
        form.format(*m.groups()) for what, form in _NOTES.items() for m in re.finditer(what, text)
    ]
    if status:
        notes.append(f"the program ended with status {status}, after its times")
    return tuple(dict.fromkeys(notes))


def _first_match(pattern: re.Pattern[str], lines: Sequence[str]) -> re.Match[str] | None:
    return next((match for line in lines if (match := pattern.search(line))), None)
