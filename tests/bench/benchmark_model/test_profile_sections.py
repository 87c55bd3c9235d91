"""Sections of what the profiler prints."""

import pytest

from larq_bvit.bench.benchmark_model.lines import clean_lines
from larq_bvit.bench.benchmark_model.profile_sections import sections
from tests.bench.benchmark_model.recorded_text import recorded


@pytest.mark.parametrize(
    "name, expected",
    [
        ("lce_first_2019.txt", [(False, "", 4, None, None)]),
        ("lce_2019.txt", [(False, "", 7, 7, 1.8)]),
        ("lce_2020.txt", [(True, "", 1, 1, 0.061), (False, "", 7, 7, 1.8)]),
        ("lce_2023.csv", [(True, "", 1, 1, 0.051), (False, "", 11, 11, 1.40727)]),
        (
            "inside_2023.txt",
            [
                (True, "", 2, 2, 0.072),
                (False, "", 3, 3, 0.273133),
                (False, "delegate", 4, 4, 0.268406),
            ],
        ),
        (
            "loop_2023.txt",
            [
                (True, "", 1, 1, 0.032),
                (True, "subgraph", 1, 1, 0.016),
                (True, "subgraph", 1, 1, 0.006),
                (False, "", 2, 2, 0.0570244),
                (False, "subgraph", 2, 2, 0.00234906),
                (False, "subgraph", 4, 4, 0.0134575),
            ],
        ),
        ("litert_2026.txt", [(False, "", 4, 4, None)]),
    ],
)
def test_versions(name, expected):
    found = sections(clean_lines(recorded(name)))
    got = [(s.initialization, s.graph, len(s.rows), s.nodes, s.milliseconds) for s in found]
    assert got == [
        (*rest, None if ms is None else pytest.approx(ms, rel=1e-4)) for *rest, ms in expected
    ]
    assert not any(section.strange for section in found)


def test_the_first_strange_line_is_kept():
    lines = ["[node type]\t[avg ms]\t[Name]", "\tADD\t1.0\t[a]", "\tADD\t1.?\t[b]", "x"]
    (section,) = sections(lines)
    assert len(section.rows) == 1 and section.strange == "ADD\t1.?\t[b]"


def test_none():
    assert sections(["STARTING!", "Number of nodes executed: 3"]) == []
