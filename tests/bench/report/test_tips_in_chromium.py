"""Tips of the charts by a pointer: what they tell, where they stand, and when they go."""

import pytest

from larq_bvit.bench.report import to_html
from tests.bench.report import sample
from tests.bench.report.chromium import needs_chromium
from tests.bench.report.devtools import browser

pytestmark = needs_chromium
WIDTH, HEIGHT = 400, 800
PLACE = """(() => {
  const mark = document.querySelectorAll("svg[aria-labelledby^='%s'] .tip")[%d];
  const bar = mark.querySelector("rect, path");
  bar.scrollIntoView({block: "center"});
  const box = bar.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
})()"""
TIP = """(() => {
  const tip = document.getElementById("tip");
  const {left, top, right, bottom} = tip.getBoundingClientRect();
  return {text: tip.textContent, hidden: tip.hidden, box: [left, top, right, bottom]};
})()"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tips")
    file = folder / "page.html"
    file.write_text(to_html(sample.results()), encoding="utf-8")
    with browser(folder / "profile") as page:
        page.open(file.as_uri(), WIDTH, HEIGHT)
        yield page


@pytest.mark.parametrize(
    ("chart", "mark", "words"),
    [
        ("place-0-bars", 2, "binaryvit_nano, delegate:avx2, 1 thread: 0.127 (0.126 to 0.130) ms"),
        ("place-0-bars", 2, "3.22 times as fast as the same file in lce (3.15 to 3.27)"),
        ("place-1-bars", 0, "binaryvit_nano, lce, 1 thread: mean 0.780 (0.775 to 0.790) ms"),
        ("place-2-bars", 0, "lce, 1 thread: 1.35 (min 1.34, max 1.35) ms, 3 samples"),
        ("place-0-profile", 0, "binary product: 0.197 ms, 47.7%"),
        ("accuracy-1-1", 0, "67.13% top-1, mean 59.3 (59.1 to 59.7) ms"),
    ],
)
def test_a_pointer_over_a_mark_shows_its_tip_inside_of_the_window(page, chart, mark, words):
    x, y = page.evaluate(PLACE % (chart, mark))
    page.point(x, y)
    tip = page.evaluate(TIP)
    assert words in tip["text"]
    assert not tip["hidden"]
    left, top, right, bottom = tip["box"]
    assert 0 <= left < right <= WIDTH
    assert 0 <= top < bottom <= y


def test_it_goes_with_the_pointer(page):
    page.point(*page.evaluate(PLACE % ("place-0-bars", 0)))
    assert not page.evaluate(TIP)["hidden"]
    page.point(2, 2)
    assert page.evaluate(TIP)["hidden"]
