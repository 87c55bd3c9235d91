"""Columns of tables for a terminal."""

import itertools

import pytest

from larq_bvit.bench.report.time_tables import packed


def test_all_in_one_table_where_there_is_room():
    assert packed([10, 10, 5, 5, 5], names=2, later=4, width=35) == [[0, 1, 2, 3, 4]]


def test_what_comes_later_begins_a_table_where_there_are_several():
    assert packed([10, 10, 9, 9, 9], names=2, later=3, width=30) == [[0, 1, 2], [0, 1, 3, 4]]


def test_names_are_folded_before_there_are_more_tables():
    # 35 of 100 characters are left to the names
    assert packed([80, 20, 60, 5], names=2, later=3, width=100) == [[0, 1, 2, 3]]
    assert packed([80, 20, 60, 6], names=2, later=3, width=100) == [[0, 1, 2], [0, 1, 3]]


@pytest.mark.parametrize("width", range(1, 120, 7))
def test_every_column_is_in_one_table_and_fits_unless_it_is_alone(width):
    widths = [18, 14, 9, 26, 22, 24, 30, 22, 8, 9, 10, 13, 11]
    tables = packed(widths, names=3, later=8, width=width)
    assert list(itertools.chain(*(table[3:] for table in tables))) == list(range(3, 13))
    for table in tables:
        assert table[:3] == [0, 1, 2]
        numbers = [widths[column] for column in table[3:]]
        assert len(numbers) == 1 or sum(numbers) <= width - min(41, int(0.35 * width))
