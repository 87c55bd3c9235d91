"""The page in a browser: no errors, nothing cut or overlapping, every figure there."""

import json
import re
from dataclasses import replace
from html import escape, unescape
from pathlib import Path

import pytest

from larq_bvit.bench.report import to_html, wording
from larq_bvit.bench.report.rows import time_cells
from tests.bench.report import sample
from tests.bench.report.chromium import DARK, needs_chromium, open_page

LAYOUT = (Path(__file__).parent / "layout.js").read_text()
LONG = "/home/somebody/a_rather_long_folder/" + "x" * 70 + "<b>.tflite"
POLICY = '<meta http-equiv="Content-Security-Policy"[^>]*>'
NARROWEST = 500  # pixels of a window of Chromium; a frame in it may have less
FRAME = 'style="border: 0"'
pytestmark = needs_chromium


def measured(page, folder, width, *options):
    """What layout.js finds where everything is unfolded."""
    page = re.sub(POLICY, "", page)
    page = page.replace("<details", "<details open")
    page = page.replace("</body>", f"<script>{LAYOUT}</script></body>")
    if width < NARROWEST:
        page = f'<body><iframe srcdoc="{escape(page)}" width="{width}" height="800" {FRAME}></body>'
    opened = open_page(page, folder, max(width, NARROWEST), *options)
    assert opened.console == []
    return json.loads(unescape(re.search('data-found="([^"]*)"', opened.html)[1]))


def test_the_console_is_heard_and_the_policy_forbids_requests_and_scripts(tmp_path):
    more = '<script>console.error("strange")</script><img src="strange.png"></body>'
    page = to_html(sample.single()).replace("</body>", more)
    script, image = open_page(page, tmp_path, 500).console
    assert "Executing inline script violates the following Content Security Policy" in script
    assert "strange.png" in image and "violates" in image
    bare = re.sub(POLICY, "", page)
    assert ["strange" in line for line in open_page(bare, tmp_path, 500).console] == [True]


def test_every_figure_is_there_and_no_error(tmp_path):
    results = sample.results()
    opened = open_page(to_html(results), tmp_path, 1280)
    assert opened.console == []
    assert 'id="tip"' in opened.html  # its own script ran, which the policy lets alone
    without_small = re.sub("</?small>", "", opened.html)
    text = unescape(re.sub(r"<[^>]+>", "\n", without_small)).split("\n")
    for measurement in results.measurements:
        assert set(filter(None, time_cells(results, measurement))) <= set(text)
        for row in measurement.profile:
            assert wording.number(row.milliseconds) in text
    assert {file.sha256 for file in results.files} <= set(text)
    assert {*results.warnings, results.measurements[-1].error} <= {line.strip() for line in text}


def test_no_name_is_run(tmp_path):
    evil = "</title><script>document.title='run'</script><img src=x onerror=alert(1)>"
    results = sample.single(evil)
    opened = open_page(to_html(results), tmp_path, 1280)
    assert opened.console == []
    assert opened.html.count("<script>") == 1
    assert "<title>Benchmark of 1 file on 1 machine</title>" in opened.html
    assert "<img" not in opened.html


def long_baseline():
    """Where a file with a long name is compared with."""
    results, old = sample.results(), "resnet_18:float32"
    files = tuple(replace(f, name=f.name.replace(old, LONG)) for f in results.files)
    measurements = tuple(replace(m, file=m.file.replace(old, LONG)) for m in results.measurements)
    names = tuple(name.replace(old, LONG) for name in results.baselines)
    return replace(results, files=files, measurements=measurements, baselines=names)


CASES = {
    "whole": sample.results,
    "long name": lambda: sample.single(LONG),
    "long baseline": long_baseline,
    "none worked": sample.none_worked,
}


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("case", CASES)
def test_nothing_is_cut_and_nothing_overlaps(case, width, tmp_path):
    found = measured(to_html(CASES[case]()), tmp_path, width)
    assert found["problems"] == []
    assert found["width"] == width
    assert found["texts"] > 10 or case == "none worked"
    assert found["scheme"] == "rgb(255, 255, 255)"


def test_overlaps_would_be_found(tmp_path):
    page = to_html(sample.single()).replace("binaryvit_nano", "x" * 40, 999)
    # two texts at one place, one of them out of its chart
    page = page.replace("</text>", '</text><text x="0" y="17" font-size="13">over</text>', 1)
    page = page.replace("</text>", '</text><text x="350" y="400" font-size="4">outside</text>', 1)
    page = page.replace("<h2>", '<p style="width: 500px">wide</p><h2>', 1)
    words = " ".join(measured(page, tmp_path, 360)["problems"])
    kinds = "overlaps", "out of its chart", "above or below", "small", "window", "sideways"
    assert [kind for kind in kinds if kind not in words] == []


def test_dark(tmp_path):
    found = measured(to_html(sample.results()), tmp_path, NARROWEST, DARK)
    assert found["scheme"] == "rgb(19, 23, 27)"
    assert found["problems"] == []
