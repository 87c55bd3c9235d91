"""Tables of Markdown."""

from larq_bvit._markdown import table


def test_a_table():
    rows = [("a", "word", "1"), ("b", "", "")]
    assert table(rows, ("", "What", "Count"), right=2).splitlines() == [
        "| | What | Count |",
        "| --- | --- | ---: |",
        "| a | word | 1 |",
        "| b | | |",
    ]


def test_no_cell_begins_a_column_or_a_line():
    assert table([("a|b\n  c\td",)], ("A",), right=1).splitlines()[2:] == [r"| a\|b c d |"]
