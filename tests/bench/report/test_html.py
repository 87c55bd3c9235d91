"""The page as text: whole, small, closed, and deaf to what names would make it do."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from inspect import signature

import pytest

from larq_bvit.bench.local import measure, worker
from larq_bvit.bench.remote import flow
from larq_bvit.bench.report import to_html
from larq_bvit.bench.report.page.classes import on_light
from larq_bvit.bench.report.palette import KINDS
from larq_bvit.bench.results import Accuracy
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
    # beside the figures: two tables per place, and the end
    assert page.count(f"<code>{sample.COMMAND}</code>") == figures + 2 * 3 + 1


def words(markup):
    """The text of a part of the page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def sections(page):
    """{its first heading: its text}."""
    found = re.findall(r"<section.*?</section>", page, re.DOTALL)
    return {words(re.search("<h2>(.*?)</h2>", part)[1]): words(part) for part in found}


def test_means_and_few_rounds_are_marked_in_every_table_and_below():
    found = sections(to_html(sample.results()))
    phone, board = found["adb:0A1B2C3D"], found["ssh:board.local"]
    mean, few = "mean: of each round only the mean", "min and max: the smallest and the largest"
    assert phone.count(mean) == 2 and few not in phone
    assert board.count(few) == 2 and mean not in board
    assert mean not in found["local"] and few not in found["local"]
    # once in the bars with their tip, in both tables, and in the block with its summary
    assert phone.count("mean 0.780") == 2 + 2 + 2
    assert not re.search(r"(?<!mean )0\.780 \(", phone)
    assert "Shown is the median of the rounds\u2019 means, with its 95% interval" in phone
    assert "Shown is the median, with min and max (fewer than 5 rounds)" in board
    assert "95% interval;" not in board
    accuracy = found["Accuracy, time and size"]
    assert "mean 59.3 (59.1 to 59.7)" in accuracy and accuracy.count(mean) == 1
    assert "107 (min 105, max 107)" in accuracy and accuracy.count(few) == 1


def test_ratios_have_a_table_with_a_column_per_baseline():
    found = sections(to_html(sample.results()))["local"]
    table = found[found.index("How many times as fast on local") :]
    assert (
        "Median ms (95% interval) Against LCE, same file Against deit_small:int8 "
        "Against resnet_18:float32 Against reactnet_18 binaryvit_nano lce 1 "
        "0.411 (0.407 to 0.414) reference other input other input other input"
    ) in table
    assert '"Against" says how many times as fast' in table
    assert "Against" not in to_html(sample.single())


def test_accuracy_on_data_that_nobody_named_is_kept_apart_and_can_be_named():
    results = sample.results()
    told = Accuracy(0.5)
    files = tuple(
        replace(f, accuracy=told) if f.name in ("reactnet_18", "binaryvit_nano") else f
        for f in results.files
    )
    hint = "Name it so: --accuracy NAME=62.4@cifar10"
    found = sections(to_html(replace(results, files=files)))["Accuracy, time and size"]
    assert "Accuracy on data that was not named against size of the file" in found
    assert (
        "On what data the accuracy of binaryvit_nano and reactnet_18 was measured is not known. "
        f"They are kept apart from all others, as if they were of the same data. {hint}"
    ) in found
    assert hint not in to_html(results)


def test_the_method_is_told_for_all_kinds_of_machines():
    found = sections(to_html(sample.single()))["How it was measured"]
    for told in (
        "Of fewer than 5 rounds, which make no such interval",
        "Each entry has a process of its own for all rounds. A sample is the median of inferences "
        "for 50 ms.",
        "Init and first are medians of 3 processes",
        "Each sample has a process of its own, of about 1 s",
        "Init and first are medians of the processes of all rounds",
        "benchmark_model feeds random inputs of its own.",
        "on top of the process before it opened the file",
        "LCE\u2019s interpreter, or stock TensorFlow Lite\u2019s where that can\u2019t run",
    ):
        assert told in found


def test_the_method_has_the_constants_of_the_code():
    text = sections(to_html(sample.single()))["How it was measured"]
    assert f"for {1e3 * worker._AT_LEAST:.0f} ms" in text
    assert f"medians of {measure._STARTS} processes" in text
    seconds = signature(flow.measure).parameters["seconds_per_round"].default
    assert f"of about {seconds:.0f} s" in text


def test_what_a_cosine_is_of():
    one = sample.single()
    one = replace(one, measurements=(replace(one.measurements[0], cosine=0.5),))
    text = words(to_html(one))
    assert "Cosine of its output and the reference's 0.500000" in text
    assert "output and LCE" not in text


def test_colours_of_text_on_bars():
    assert [kind for kind, colour in KINDS.items() if not on_light(colour)] == ["binary product"]
