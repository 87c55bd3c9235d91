"""Lists of operators: sorted, and never larger than their room."""

import re
from dataclasses import replace

import numpy as np

from larq_bvit.bench.report.page.operators import operator_list
from larq_bvit.bench.results import OpTime
from tests.bench.report import sample


def listed(profile, room=1_000_000):
    return operator_list(replace(sample.single().measurements[0], profile=tuple(profile)), room)


def numbers(markup):
    return [float(x.replace(",", "")) for x in re.findall(r'<td class="n">([\d.,-]+)</td>', markup)]


def test_slowest_first_with_shares():
    markup = listed([OpTime("a", "k", 1.0, "ADD"), OpTime("b", "k", 3.0), OpTime("", "rest", 0.0)])
    assert numbers(markup) == [3.0, 1.0, 0.0]
    assert re.findall(r"([\d.]+%)", markup) == ["75.0%", "25.0%", "0.0%"]
    assert "<td>a<small>k, ADD</small></td>" in markup
    assert "<td>rest</td>" in markup


def test_what_has_no_room_is_summed_up():
    profile = sample.profile(np.random.default_rng(0), 2000, 10.0)
    markup = listed(profile, room=5000)
    assert len(markup.encode()) < 5600
    shown = markup.count("<small>")
    assert 10 < shown < 100
    slowest = sorted((row.milliseconds for row in profile), reverse=True)
    assert f"{2000 - shown:,} others together" in markup
    assert numbers(markup)[-1] == float(f"{sum(slowest[shown:]):.3g}")
    assert "2,000 operators by their time" in markup


def test_long_names_keep_their_ends():
    markup = listed([OpTime("begin" + "x" * 5000 + "end", "k", 1.0)])
    assert "begin" in markup
    assert "end<small>" in markup
    assert len(markup) < 700


def test_nothing_without_a_profile():
    assert listed([]) == ""
