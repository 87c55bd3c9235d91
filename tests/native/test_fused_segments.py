"""Whole models, part by part from LCE's own values: what differs in one part does not spread.

Where a part differs, it must do so from a sign or a probability on a rounding edge on, and up to
there all maps must agree.
"""

from functools import cache

import numpy as np
import pytest

from larq_bvit.convert.tflite import flatbuffer
from larq_bvit.convert.verification.comparisons import with_outputs
from larq_bvit.runtime.lce_edges import DelegateEdges, Undecided
from tests.delegate import needs_delegate
from tests.long import long_test
from tests.native.fused import TOLERANCE
from tests.native.segments import cut, segments
from tests.native.stock import isas, load, run, run_lce
from tests.native.zoo_files import LARGE, SMALL, zoo_file

EDGE = 1e-6  # of a map's largest value
pytestmark = needs_delegate  # the installed one


def closest(got, want):
    return float(np.abs(got - want).max() / max(np.abs(want).max(), 1e-30))


@cache
def parts_of(name):
    """[(segment, its file, LCE's value before it, LCE's value after it)]"""
    tflite, image = zoo_file(name)
    parts = segments(tflite)
    *values, last = run_lce(with_outputs(tflite, [part.target for part in parts]), image)
    whole = flatbuffer.load(tflite)
    files = [cut(whole, part) for part in parts]
    return list(zip(parts, files, [image, *values], [*values, last], strict=True))


def check(library, name, **options):
    """The number of parts, and of those that differ on an edge."""
    parts, differ = parts_of(name), 0
    for part, file, x, want in parts:
        (got,) = run(load(library, file, **options), x)
        if not closest(got, want) <= TOLERANCE:  # NaN differs, too
            edge = DelegateEdges(file, **options).first(x)
            assert edge, f"{part} differs, and no edge"
            assert isinstance(edge, Undecided) or edge.distance <= EDGE
            differ += 1
    return len(parts), differ


@pytest.mark.parametrize("name", SMALL)
def test_small_models(library, name):
    """The exact mode differs from LCE where builtin operators round otherwise, so on edges only."""
    for isa in isas(library):
        count, differ = check(library, name, isa=isa, threads=2)
        assert count >= 8 and differ <= count // 4
    count, differ = check(library, name, exact=1)
    assert differ <= count // 4


@long_test("minutes")
@pytest.mark.parametrize("name", LARGE)
def test_large_models(library, name):
    count, differ = check(library, name)
    assert count >= 8 and differ < count
