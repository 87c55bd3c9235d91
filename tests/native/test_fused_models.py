"""The fused mode on whole models, map by map, against LCE's interpreter.

A random network amplifies rounding: one value that rounds to the other side of 0 changes all that
follows. So the inputs of all signs are made outputs, and are equal up to the first sign that
differs, which must sit on a rounding edge.
"""

import numpy as np
import pytest

from larq_bvit.convert.tflite import flatbuffer
from larq_bvit.convert.verification.comparisons import with_outputs
from tests.native.stock import load, run, run_lce
from tests.native.zoo_files import SMALL, zoo_file

CLOSE = 1e-5  # of a map's largest value
EDGE = 1e-6  # of a map's root mean square


def with_maps(tflite: bytes) -> bytes:
    """The file with the inputs of all signs as outputs before its own."""
    graph = flatbuffer.read(tflite)
    maps = [node.inputs[0] for node in graph.nodes if node.operator == "LceQuantize"]
    return with_outputs(tflite, [*dict.fromkeys(maps), *graph.outputs])


@pytest.fixture(scope="module", params=SMALL)
def case(request):
    """The converted file with its maps as outputs, a photograph, and what LCE makes of it."""
    tflite, image = zoo_file(request.param)
    inside = with_maps(tflite)
    return tflite, inside, image, run_lce(inside, image, use_indirect_bgemm=True)


def first_flip(got, want) -> int:
    """The number of maps that agree in all signs; asserts it, and why the next one does not."""
    for number, (ours, theirs) in enumerate(zip(got, want, strict=True)):
        largest = np.abs(theirs).max()
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=CLOSE * largest)
        flipped = (ours < 0) != (theirs < 0)
        if flipped.any():
            assert np.abs(theirs[flipped]).max() <= EDGE * np.sqrt((theirs**2).mean())
            return number
    return len(want)


def test_only_reshapes_of_rows_are_left(library, case, capfd):
    """At 64 pixels the CNNs' last convolutions are products of whole maps, reshaped afterwards."""
    run(load(library, case[0], verbose=2), case[2])
    lines = capfd.readouterr().err.splitlines()
    assert any("(fused" in line for line in lines)
    left = [line for line in lines if "is left to the runtime" in line]
    assert all("(RESHAPE)" in line for line in left) and len(left) <= 3


def test_maps_agree_up_to_a_rounding_edge(library, isa, case):
    _, inside, image, want = case
    got = run(load(library, inside, isa=isa), image)
    assert first_flip(got, want) >= 5


def test_threads_give_the_same_bits(library, case):
    tflite, _, image, _ = case
    one, two, three = (run(load(library, tflite, threads=n), image)[0] for n in (1, 2, 3))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, three)


def test_maps_as_outputs_do_not_change_the_answer(library, case):
    tflite, inside, image, want = case
    alone = run(load(library, tflite), image)[0]
    among = run(load(library, inside), image)
    if first_flip(among, want) == len(want):
        np.testing.assert_allclose(alone, want[-1], rtol=0, atol=CLOSE * np.abs(want[-1]).max())
