"""Notes of measurements, each once, with their owners."""

from dataclasses import replace

from larq_bvit.bench.report.notes import distinct_notes
from tests.bench.report import sample


def noted(*notes):
    """Two files in two runtimes with these notes each: a lce, a delegate, b lce, b delegate."""
    one = sample.single().measurements[0]
    entries = [("a", "lce"), ("a", "delegate"), ("b", "lce"), ("b", "delegate")]
    return [
        replace(one, file=file, runtime=runtime, notes=told)
        for (file, runtime), told in zip(entries, notes, strict=True)
    ]


def test_each_once_with_those_that_it_belongs_to():
    assert distinct_notes(noted(("x",), (), (), ("x", "y"))) == [
        "note: x (a, lce, 1 thread; b, delegate, 1 thread)",
        "note: y (b, delegate, 1 thread)",
    ]


def test_of_all_of_all_of_a_runtime_or_of_a_file():
    assert distinct_notes(noted(("x",), ("x",), ("x",), ("x",))) == ["note: x (all)"]
    assert distinct_notes(noted(("x",), (), ("x",), ())) == ["note: x (lce)"]
    assert distinct_notes(noted((), (), ("x",), ("x",))) == ["note: x (b)"]
    three = noted(("x",), ("x",), ("x",), ())
    assert distinct_notes(three)[0].count("1 thread") == 3


def test_failed_ones_are_no_exception_but_have_notes():
    ran = noted(("x",), ("x",), ("x",), ())
    failed = replace(ran[-1], steady=None, error="gone")
    assert distinct_notes([*ran[:-1], failed]) == ["note: x (all)"]
    told = replace(failed, notes=("y",))
    assert distinct_notes([*ran[:-1], told])[1] == "note: y (b, delegate, 1 thread)"


def test_none():
    assert distinct_notes(noted((), (), (), ())) == []
