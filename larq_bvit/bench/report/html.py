"""Results as one page of HTML that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from larq_bvit.bench.report.baseline import failed
from larq_bvit.bench.report.page.accuracy_section import accuracy_section
from larq_bvit.bench.report.page.classes import colour_rules
from larq_bvit.bench.report.page.files_section import files_section
from larq_bvit.bench.report.page.headlines import Headline, headlines
from larq_bvit.bench.report.page.markup import Markup, join, tag
from larq_bvit.bench.report.page.method_section import method_section
from larq_bvit.bench.report.page.place_section import place_section
from larq_bvit.bench.report.rows import FAILED
from larq_bvit.bench.results import Results

_PARTS = Path(__file__).parent / "page"
# so that the page stays below 2 MB as long as there are no more than 400 measurements
_ROOM = 1_950_000  # bytes
_MEASUREMENT = 4_800  # bytes, without its operators
_OPERATORS = 900_000  # bytes at most for all lists of them


def to_html(results: Results) -> str:
    """A page for a browser on a phone or a desk, which never reaches for the network.

    It stays below 2 MB up to 400 measurements: of many operators only the slowest are listed. All
    text of the results is escaped, and a policy in the page forbids any script but its own.
    """
    style = (_PARTS / "page.css").read_text(encoding="utf-8") + colour_rules()
    script = (_PARTS / "page.js").read_text(encoding="utf-8")
    head = (
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="generator", content=f"larq_bvit {results.version}"),
        tag("link", rel="icon", href="data:,"),
        tag("title", _title(results)),
        tag("style", Markup(style)),
    )
    body = join(*_body(results), tag("script", Markup(script)))
    page = tag("html", tag("head", *head), tag("body", body), lang="en")
    return f"<!DOCTYPE html>\n{page}\n"


def _body(results: Results) -> list[Markup]:
    left = _ROOM - _MEASUREMENT * len(results.measurements)
    profiles = sum(bool(m.profile) for m in results.measurements)
    room = max(0, min(_OPERATORS, left)) // max(1, profiles)
    names = {place.name: f"place-{i}" for i, place in enumerate(results.places)}
    accuracy = accuracy_section(results)
    links = [("accuracy", "Accuracy")] if accuracy else []
    links += [(names[place.name], place.name) for place in results.places]
    links += [
        (f"{names[place.name]}-{FAILED}", f"What failed on {place.name}")
        for place in results.places
        if failed(results, place.name)
    ]
    links += [("files", "Files"), ("method", "How it was measured")]
    return [
        _header(results),
        tag("nav", *(tag("a", words, href=f"#{name}") for name, words in links)),
        *(tag("p", tag("b", "Warning: "), words, class_="warning") for words in results.warnings),
        _headlines(results),
        accuracy,
        *(place_section(results, place, names[place.name], room) for place in results.places),
        files_section(results),
        method_section(results),
    ]


def _title(results: Results) -> str:
    files, places = len(results.files), len(results.places)
    return f"Benchmark of {_counted(files, 'file')} on {_counted(places, 'machine')}"


def _header(results: Results) -> Markup:
    date = results.date.replace("T", " ").replace("+00:00", " UTC")
    measured = _counted(len(results.measurements), "measurement")
    ended = f"{measured}, {len(failed(results)) or 'none'} of them failed"
    about = f"{date}, larq_bvit {results.version}; {ended}."
    return tag("header", tag("h1", _title(results)), tag("p", about, class_="about"))


def _headlines(results: Results) -> Markup:
    cards = [
        tag("div", tag("h3", h.title), tag("b", h.figure), tag("p", h.words), *_compared(h))
        for h in headlines(results)
    ]
    return tag("div", *cards, class_="headlines")


def _compared(headline: Headline) -> list[Markup]:
    return [
        tag("strong", words, " " if ends else None, tag("small", ends) if ends else None)
        for words, ends in headline.compared
    ]


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _policy(style: str, script: str) -> str:
    """Nothing from elsewhere, no script and no style but those two."""
    digests = (hashlib.sha256(part.encode()).digest() for part in (style, script))
    styles, scripts = (base64.b64encode(digest).decode() for digest in digests)
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{styles}'; "
        f"script-src 'sha256-{scripts}'; base-uri 'none'; form-action 'none'"
    )
