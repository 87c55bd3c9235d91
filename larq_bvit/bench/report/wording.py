"""Numbers as people read them: three digits that count, and a unit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from larq_bvit.bench.report.baseline import Speed
from larq_bvit.bench.results import Accuracy, MeasuredFile, Measurement
from larq_bvit.bench.timing import ENOUGH, Timing

MEAN = "mean"  # of `Measurement.sample`
_DIGITS = 3
# they turn the text after them around, so that a name could pass for another one
_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """Without what a terminal or a page would obey; line ends and tabs stay."""
    return "".join(char if _harmless(char) else "\ufffd" for char in text)


def decimals(value: float) -> int:
    """How many give three digits that count: 2 for 3.12, 0 for 312."""
    exponent = int(f"{value:.{_DIGITS - 1}e}".partition("e")[2])
    return max(0, _DIGITS - 1 - exponent) if value else 0


def number(value: float) -> str:
    """Three digits that count, or all before the point: "0.0312", "3.12", "3,120"."""
    return f"{value:,.{decimals(value)}f}"


def interval(value: float, low: float | None, high: float | None, is_interval: bool = True) -> str:
    """ "3.12 (3.08 to 3.15)", with as many decimals everywhere; the value alone without ends.

    Ends that are not those of a 95% interval say what they are: "3.12 (min 3.08, max 3.15)".
    """
    if low is None or high is None:
        return number(value)
    places = decimals(value)
    least, most = f"{low:,.{places}f}", f"{high:,.{places}f}"
    ends = f"{least} to {most}" if is_interval else f"min {least}, max {most}"
    return f"{value:,.{places}f} ({ends})"


def milliseconds(seconds: float) -> str:
    """Without the unit."""
    return number(1e3 * seconds)


def median(timing: Timing) -> str:
    """Milliseconds with their ends, which a single sample does not have."""
    if len(timing.samples) < 2:
        return milliseconds(timing.median)
    low, high = 1e3 * timing.low, 1e3 * timing.high
    return interval(1e3 * timing.median, low, high, timing.is_interval)


def typical(measurement: Measurement, ends: bool = True) -> str:
    """Milliseconds of one that has times, which are marked where samples are means.

    "3.12 (3.08 to 3.15)", "mean 3.12 (3.08 to 3.15)"; without ends "3.12", "mean 3.12".
    """
    timing = measurement.steady
    assert timing is not None, f"{measurement} failed"
    mark = f"{MEAN} " if measurement.sample == MEAN else ""
    return mark + (median(timing) if ends else milliseconds(timing.median))


def median_of(measurements: Iterable[Measurement]) -> str:
    """What bars of these times are: "median, with its 95% interval"."""
    ran = [m for m in measurements if m.steady is not None]
    timings = [m.steady for m in ran if m.steady is not None]
    means = [m for m in ran if m.sample == MEAN]
    of = " of the rounds\u2019 means" if means else ""
    where = " where it says so" if means and len(means) < len(ran) else ""
    kinds = []
    if any(t.is_interval for t in timings):
        kinds.append("its 95% interval")
    if any(not t.is_interval and len(t.samples) > 1 for t in timings):
        kinds.append(f"min and max (fewer than {ENOUGH} rounds)")
    ends = f", with {' or '.join(kinds)}" if kinds else ""
    return f"median{of}{where}{ends}"


def times(speed: Speed) -> str:
    """How many times as fast, with its ends where there are some."""
    return interval(speed.value, speed.low, speed.high, speed.is_interval)


def size(count: float) -> str:
    """Of a file or of memory: "812 B", "488 KiB", "12.3 MiB", "1.50 GiB"."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1000:
            return f"{count:.0f} B" if unit == "B" else f"{number(count)} {unit}"
        count /= 1024
    return f"{number(count)} GiB"


def amount(count: float) -> str:
    """A large number in words: "7.06 million", "812"."""
    for factor, word in ((1e9, "billion"), (1e6, "million")):
        if count >= factor:
            return f"{number(count / factor)} {word}"
    return f"{count:,.0f}"


def share(part: float, whole: float) -> str:
    """In percent."""
    return f"{part / whole:.1%}" if whole else "0.0%"


def percent(accuracy: Accuracy | None) -> str:
    """Top-1, empty where it is not known."""
    return "" if accuracy is None else f"{accuracy.top_1:.2%}"


def accuracy_in_words(accuracy: Accuracy) -> str:
    """Top-1 and of what: "62.44% top-1 of 10,000 images of CIFAR-10"."""
    images = "" if accuracy.images is None else f" of {accuracy.images:,} images"
    dataset = "" if accuracy.dataset is None else f" of {accuracy.dataset}"
    return f"{percent(accuracy)} top-1{images}{dataset}"


def thread_count(threads: int) -> str:
    """ "1 thread", "2 threads"."""
    return f"{threads} thread{'' if threads == 1 else 's'}"


def configuration(measurement: Measurement) -> str:
    """How the file ran: "delegate:avx2, 2 threads"."""
    return f"{measurement.runtime}, {thread_count(measurement.threads)}"


def shape(file: MeasuredFile) -> str:
    """Of its input: "32 x 32 pixels" of one colour image, else "8 x 32 x 32 x 3 numbers"."""
    sides = file.input_shape
    if len(sides) == 4 and sides[0] == 1 and sides[3] == 3:
        return f"{sides[1]} x {sides[2]} pixels"
    return f"{' x '.join(map(str, sides)) or '1'} numbers"


def listed(names: Sequence[str]) -> str:
    """ "a, b and c"."""
    return _joined(names, "and")


def either(names: Sequence[str]) -> str:
    """ "a, b or c"."""
    return _joined(names, "or")


def _joined(names: Sequence[str], last: str) -> str:
    return f" {last} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _harmless(char: str) -> bool:
    if char in "\n\t":
        return True
    return unicodedata.category(char) not in ("Cc", "Cs") and char not in _TURNING
