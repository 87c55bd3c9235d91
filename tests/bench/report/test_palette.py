"""One colour per kind."""

from larq_bvit.bench.report.palette import KINDS, OTHER, by_kind, folded, kind_colours
from larq_bvit.bench.results import OpTime


def times(**milliseconds):
    return tuple(OpTime("", kind, ms) for kind, ms in milliseconds.items())


def test_no_colour_twice():
    assert len(set(KINDS.values())) == len(KINDS)


def test_known_kinds_keep_their_colours_in_the_order_of_the_palette():
    profile = (OpTime("", "layout", 9.0), OpTime("", OTHER, 5.0), OpTime("", "binary product", 1.0))
    assert list(kind_colours([profile]).items()) == [
        ("binary product", KINDS["binary product"]),
        ("layout", KINDS["layout"]),
        (OTHER, KINDS[OTHER]),
    ]


def test_a_kind_of_the_delegate_takes_the_colour_that_it_is_like():
    assert kind_colours([times(fusion=1.0)]) == {"fusion": KINDS["elementwise"]}
    both = kind_colours([times(fusion=9.0, elementwise=1.0)])
    assert both["elementwise"] == KINDS["elementwise"]
    assert both["fusion"] not in (KINDS["elementwise"], KINDS[OTHER])


def test_where_no_colour_is_left_the_quickest_are_folded():
    profile = tuple(OpTime("", f"kind {i}", float(i)) for i in range(1, 11))
    colours = kind_colours([profile])
    assert list(colours)[-1] == OTHER
    assert len(set(colours.values())) == len(colours) == len(KINDS)
    kinds = folded(profile, colours)
    assert kinds[OTHER] == 1.0 + 2.0 + 3.0
    assert sum(kinds.values()) == 55.0


def test_times_below_zero_are_none():
    profile = (*times(a=2.0, b=-1.0), OpTime("", "a", 1.0))
    assert by_kind(profile) == {"a": 3.0, "b": 0.0}
    assert folded(profile, kind_colours([profile])) == {"a": 3.0}
