"""Names of points overlap nothing and stay in the chart."""

import itertools
import random

from larq_bvit.bench.report.page.placing import Box, place_label

FRAME = Box(0, 0, 360, 300)


def test_many_names_never_overlap():
    rng = random.Random(0)
    points = [(rng.uniform(10, 350), rng.uniform(10, 290)) for _ in range(25)]
    marks = [Box(x - 5, y - 5, x + 5, y + 5) for x, y in points]
    taken, names = list(marks), []
    for point in points:
        box = place_label(point, 70, 13, taken, FRAME)
        if box is not None:
            names.append(box)
            taken.append(box)
    assert len(names) > 15
    assert all(box.within(FRAME) for box in names)
    assert not any(a.overlaps(b) for a, b in itertools.combinations(names, 2))
    assert not any(name.overlaps(mark) for name in names for mark in marks)


def test_above_its_point_where_that_is_free():
    assert place_label((100, 100), 40, 10, [], FRAME) == Box(80, 81, 120, 91)


def test_none_where_there_is_no_room():
    assert place_label((100, 100), 40, 10, [FRAME], FRAME) is None
    assert place_label((100, 100), 400, 10, [], FRAME) is None
