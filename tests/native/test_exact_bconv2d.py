"""LceBconv2d in the exact mode, bit for bit against all of LCE's kernels that take a case."""

from dataclasses import replace

import numpy as np
import pytest

from tests.native.graph_writer import GraphWriter
from tests.native.lce_graphs import (
    NONE,
    RELU,
    RELU6,
    RELU_N1_TO_1,
    SAME,
    VALID,
    Bconv2d,
    random_bconv2d,
    random_bits,
)
from tests.native.stock import assert_equal_bits, isas, load, run, run_lce

OUTPUTS = ["float32", "int8", "bits"]


def agree(library, case, seed=0, names=None):
    tflite, x = case.tflite(seed), case.input(seed + 1)
    wants = [run_lce(tflite, x, **options) for options in case.lce_options]
    for isa in names or isas(library):
        got = run(load(library, tflite, exact=1, isa=isa), x)
        for want in wants:
            assert_equal_bits(got, want)


@pytest.mark.parametrize("seed", range(12))
def test_random_cases(library, seed):
    """Twenty each; the best instruction set and the portable one in turn."""
    rng, ran = np.random.default_rng(seed), 0
    while ran < 20:
        case = random_bconv2d(rng)
        if case.runs:
            names = isas(library)
            agree(library, case, seed=ran, names=[names[ran % len(names)]])
            ran += 1


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("channels", [1, 31, 32, 33, 64, 65])
def test_odd_channels(library, channels, output):
    for channels_out in (1, 31, 32, 33, 64, 65):
        agree(library, Bconv2d(1, 3, 5, channels, channels_out, output=output))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("activation", [NONE, RELU, RELU_N1_TO_1, RELU6])
@pytest.mark.parametrize("padding", [(SAME, 0), (SAME, 1), (VALID, 1)])
def test_outputs_activations_and_paddings(library, output, activation, padding):
    case = Bconv2d(2, 6, 7, 64, 33, 3, 3, activation=activation, output=output)
    agree(library, replace(case, padding=padding[0], pad_values=padding[1]))


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 2), (2, 6), (3, 2), (3, 3), (4, 1)])
@pytest.mark.parametrize("kernel", [3, 5])
def test_zero_padding_of_tiny_maps(library, size, kernel):
    """LCE corrects nothing where windows reach over (or touch) opposite borders, nor may we."""
    for stride in (1, 2):
        case = Bconv2d(1, *size, 32, 8, kernel, kernel, stride, stride, padding=SAME, pad_values=0)
        agree(library, case)
        agree(library, replace(case, output="int8"))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("groups", [2, 3, 4])
def test_groups(library, groups, output):
    for channels_out in (groups, 5 * groups, 32 * groups, 33 * groups):
        case = Bconv2d(1, 5, 4, 64 * groups, channels_out, 3, 3, groups=groups, output=output)
        agree(library, replace(case, padding=SAME))
        agree(library, replace(case, padding=SAME, pad_values=0))


@pytest.mark.parametrize("scale", [1e-3, 0.1, 3.0])
@pytest.mark.parametrize("zero_point", [-128, 0, 17, 127])
def test_int8_rounds_and_saturates(library, scale, zero_point):
    case = Bconv2d(1, 6, 6, 96, 50, output="int8")
    agree(library, replace(case, output_scale=scale, output_zero_point=zero_point))


def test_int8_ties(library):
    """Sums are even, a quarter of them lies between two integers half of the time."""
    case = Bconv2d(1, 9, 9, 64, 50, output="int8", output_scale=4, plain=True)
    for zero_point in (-1, 0, 3):
        agree(library, replace(case, output_zero_point=zero_point))


def test_float16_constants(library):
    """Scales that the file keeps as float16, which a DEQUANTIZE node widens."""
    graph, rng = GraphWriter(), np.random.default_rng(0)
    source = graph.tensor((1, 4, 5, 2), np.int32)
    weights = graph.constant(random_bits(rng, 40, 1, 1, 64))
    wide = [graph.tensor((40,)) for _ in range(2)]
    for target in wide:
        half = graph.constant(rng.normal(size=40).astype(np.float16))
        graph.builtin("DEQUANTIZE", [half], [target])
    target = graph.tensor((1, 4, 5, 40))
    options = Bconv2d(channels_in=64).options
    graph.custom("LceBconv2d", [source, weights, *wide, -1], [target], options)
    tflite = graph.tflite([source], [target])
    x = random_bits(rng, 1, 4, 5, 64)
    assert_equal_bits(run(load(library, tflite, exact=1), x), run_lce(tflite, x))


def test_large_filter(library):
    """More than one tile of rows, and more words than a row of the kernels' tables counts."""
    agree(library, Bconv2d(1, 13, 11, 512, 130, 7, 7, padding=SAME, pad_values=0))


def test_resized_batch(library):
    case = Bconv2d(1, 6, 7, 40, 20, 3, 3, padding=SAME, pad_values=0)
    interpreter = load(library, case.tflite(3), exact=1)
    for batch in (1, 4, 2):
        x = replace(case, batch=batch).input(4)
        assert_equal_bits(run(interpreter, x), run_lce(case.tflite(3, batch=batch), x))
