"""Runtimes, threads, and which file runs where."""

import pytest

from larq_bvit.bench.entry import (
    DELEGATE,
    LCE,
    LCE_MODES,
    Entry,
    entries,
    parse_runtimes,
    parse_threads,
)
from larq_bvit.bench.local.mode import LCE_OPTIONS


def test_names():
    assert parse_runtimes("lce, lce:indirect,delegate:avx2,lce") == [
        (LCE, ""),
        (LCE, "indirect"),
        (DELEGATE, "avx2"),
    ]
    assert str(Entry("a", LCE, "indirect", 2)) == "a, lce:indirect, 2 threads"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "expected runtimes"),
        ("tflite", "unknown runtime 'tflite'"),
        ("lce:indirekt", "did you mean 'indirect'"),
        ("xnnpack:avx2", "no mode of xnnpack"),
        ("delegate:avx3", "did you mean 'avx2'"),
    ],
)
def test_unknown_names(text, match):
    with pytest.raises(ValueError, match=match):
        parse_runtimes(text)


def test_threads():
    assert parse_threads("1,2, 4,1") == [1, 2, 4]
    for text in ("", "0", "-1", "1,,2", "two"):
        with pytest.raises(ValueError, match="numbers of threads"):
            parse_threads(text)


def names(found):
    return [(e.file, e.runtime_mode, e.threads) for e in found]


def test_files_run_in_what_suits_them():
    assert names(entries(["b"], ["f"], ["x"], None, [1])) == [
        ("b", "lce:indirect", 1),
        ("b", "delegate", 1),
        ("f", "xnnpack", 1),
        ("x", "xnnpack", 1),
    ]


def test_what_suits_binary_files_is_nothing_to_others():
    assert names(entries(["b"], ["f"], [], None, [1], parse_runtimes("lce:indirect"))) == [
        ("b", "lce:indirect", 1),
        ("f", "xnnpack", 1),
    ]


def test_files_run_in_what_is_wanted():
    wanted = parse_runtimes("delegate,xnnpack")
    assert names(entries(["b"], ["f"], ["x"], wanted, [1, 2])) == [
        *(("b", "delegate", n) for n in (1, 2)),
        *(("f", "delegate", n) for n in (1, 2)),
        *(("f", "xnnpack", n) for n in (1, 2)),
        *(("x", "xnnpack", n) for n in (1, 2)),
    ]


def test_a_file_that_nothing_wanted_can_run():
    with pytest.raises(ValueError, match="b has binary operators.*lce or delegate"):
        entries(["b"], ["f"], [], parse_runtimes("xnnpack"), [1])


def test_every_mode_of_lce_has_options():
    assert set(LCE_OPTIONS) == set(LCE_MODES)
