"""PNG pictures for a README."""

import struct
import sys
from dataclasses import replace

import pytest

from larq_bvit.bench.report import figures, to_png
from larq_bvit.bench.timing import Timing
from tests.bench.report import sample

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def height(png):
    return struct.unpack(">II", png[16:24])[1]


@pytest.fixture(scope="module")
def pictures():
    return to_png(sample.results())


def test_three_pictures_per_place(pictures):
    assert list(pictures) == [
        f"{place}-{what}"
        for place in ("local", "adb_0A1B2C3D", "ssh_board.local")
        for what in ("accuracy", "times", "profile")
    ]
    assert all(png.startswith(SIGNATURE) and len(png) < 200_000 for png in pictures.values())


def test_the_same_results_give_the_same_file():
    results = sample.single()
    assert to_png(results) == to_png(results)


def test_every_measurement_that_worked_has_a_bar(pictures):
    one = to_png(sample.single())
    rows = (height(pictures["local-times"]) - height(one["local-times"])) / 110 / 0.3
    assert round(rows) == 16 - 1


@pytest.mark.parametrize(
    ("place", "axis", "first"),
    [
        ("local", "median, with its 95% interval", "0.411 ms"),
        (
            "adb:0A1B2C3D",
            "median of the rounds\u2019 means, with its 95% interval",
            "mean 0.780 ms",
        ),
        ("ssh:board.local", "median, with min and max (fewer than 5 rounds)", "1.35 ms"),
    ],
)
def test_bars_say_what_they_are(place, axis, first, monkeypatch):
    drawn = []
    monkeypatch.setattr(figures, "png", drawn.append)
    figures.times(sample.results(), place)
    (axes,) = drawn[0].axes
    assert axes.get_xlabel() == f"ms on {place}: {axis}, logarithmic"
    assert axes.texts[0].get_text() == first


@pytest.mark.parametrize("low", [0.001, 0.9])  # logarithmic, linear
def test_intervals_lie_within_the_axis(low, monkeypatch):
    drawn = []
    monkeypatch.setattr(figures, "png", drawn.append)
    results = sample.single()
    wide = Timing(median=1e-3, low=low * 1e-3, high=3e-3, samples=(1e-3,) * 20)
    measurements = (replace(results.measurements[0], steady=wide),)
    figures.times(replace(results, measurements=measurements), "local")
    left, right = drawn[0].axes[0].get_xlim()
    assert left <= low and right >= 3


def test_no_picture_of_nothing():
    assert to_png(sample.none_worked()) == {}
    results = sample.single()
    bare = replace(results.measurements[0], profile=())
    assert list(to_png(replace(results, measurements=(bare,)))) == ["local-times"]


def test_names_are_no_formulas():
    results = sample.single("a$\\frac{$")
    odd = replace(results.measurements[0].profile[0], kind="$\\oops$")
    results = replace(results, measurements=(replace(results.measurements[0], profile=(odd,)),))
    assert set(to_png(results)) == {"local-times", "local-profile"}


def test_places_of_like_names_do_not_share_a_file():
    results = sample.single()
    places = [replace(results.places[0], name=name) for name in ("a:b", "a_b")]
    measurements = [replace(results.measurements[0], place=place.name) for place in places]
    pictures = to_png(replace(results, places=tuple(places), measurements=tuple(measurements)))
    assert [name for name in pictures if name.endswith("times")] == ["a_b-times", "a_b_1-times"]


def test_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'pip install "larq_bvit\[plot\]"'):
        to_png(sample.single())
