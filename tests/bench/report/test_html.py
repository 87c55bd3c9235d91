"""The page as text: whole, small, closed, and deaf to what names would make it do."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest

from larq_bvit.bench.report import to_html
from larq_bvit.bench.report.page.classes import on_light
from larq_bvit.bench.report.palette import KINDS
from tests.bench.report import sample

VOID = {"meta", "link", "br", "wbr"}
CASES = {
    "whole": sample.results,
    "single": sample.single,
    "none worked": sample.none_worked,
    "many operators": sample.many_operators,
}


class Tree(HTMLParser):
    """Checks that every element ends, and collects identifiers, links and scripts."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.targets, self.labels, self.scripts = [], [], [], [], 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.scripts += tag == "script"
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if attributes.get("href", "").startswith("#"):
            self.targets.append(attributes["href"][1:])
        self.labels += attributes.get("aria-labelledby", "").split()
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag


@pytest.mark.parametrize("case", CASES)
def test_well_formed_and_small(case):
    page = to_html(CASES[case]())
    tree = Tree(page)
    assert tree.open == []
    assert tree.scripts == 1
    assert len(set(tree.ids)) == len(tree.ids)
    assert {*tree.targets, *tree.labels} <= set(tree.ids)
    assert len(page.encode()) < 1_500_000
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')


def test_below_2_mb_with_400_measurements_of_2000_operators():
    results = sample.many_operators()
    several = [replace(m, threads=n) for n in range(1, 9) for m in results.measurements]
    page = to_html(replace(results, measurements=tuple(several[:400])))
    assert 1_000_000 < len(page.encode()) < 2_000_000


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_fetched(case):
    page = to_html(CASES[case]())
    assert not re.search(r'\b(src|href|action)="(?!#|data:,)', page)
    assert not re.search(r"https?:|url\(|@import|<(img|iframe|object|embed|form|base)\b", page)
    assert "default-src 'none'" in unescape(page)


@pytest.mark.parametrize(
    "evil", [sample.EVIL, '"><img src=x onerror=alert(1)>', "</style></title><b>", "&lt;b&gt;"]
)
def test_names_are_text_wherever_they_stand(evil):
    results = sample.single(evil)
    measurement = results.measurements[0]
    row = replace(measurement.profile[0], name=evil, kind=evil, operator=evil)
    measurement = replace(
        measurement,
        runtime=evil,
        about=evil,
        command=evil,
        instructions=evil,
        notes=(evil,),
        left={evil: 1},
        profile=(row,),
    )
    failure = replace(measurement, steady=None, error=evil)
    place = replace(results.places[0], name=evil, about=evil, facts={evil: evil})
    file = replace(results.files[0], about=evil, sha256=evil, input_type=evil)
    results = replace(
        results,
        command=evil,
        date=evil,
        version=evil,
        warnings=(evil,),
        places=(place,),
        files=(file,),
        measurements=tuple(replace(m, place=evil) for m in (measurement, failure)),
    )
    tree = Tree(to_html(results))
    assert tree.open == []
    assert tree.scripts == 1
    assert evil not in to_html(results)


def test_can_be_written_whatever_a_file_is_called():
    assert "bad\ufffd" in to_html(sample.single("bad\udcff\x00")).encode().decode()


def test_data_sets_with_one_file_are_told_and_not_drawn():
    page = to_html(sample.single())
    assert "binaryvit_nano has 62.44% on CIFAR-10" in page
    assert "accuracy-0-0" not in page
    whole = to_html(sample.results())
    assert "Without a known accuracy, and in no chart: reactnet_18." in whole
    assert "reactnet_18" not in re.search(r'<svg[^>]*="accuracy-1-0-title.*?</svg>', whole)[0]


def test_every_command_is_there():
    results = sample.results()
    page = to_html(results)
    for measurement in results.measurements:
        assert f"<code>{measurement.command}</code>" in page
    figures = page.count("<figure>")
    assert figures == 3 + 1 + 3 * 2  # accuracy per place, size, bars and profile per place
    # beside the figures: a table per place, and the end
    assert page.count(f"<code>{sample.COMMAND}</code>") == figures + 3 + 1


def test_colours_of_text_on_bars():
    assert [kind for kind, colour in KINDS.items() if not on_light(colour)] == ["binary product"]
