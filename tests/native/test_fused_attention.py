"""Attention in the fused mode: counts of bits and a table instead of products and exponentials."""

from dataclasses import replace

import numpy as np
import pytest

from larq_bvit.convert.tflite import flatbuffer
from larq_bvit.convert.verification.comparisons import with_outputs
from tests.native.attention_graphs import Attention
from tests.native.fused import TOLERANCE, agree, input_shapes
from tests.native.stock import isas, load, run, run_lce

KEYS = [(1, 1), (1, 4), (1, 7), (3, 11), (7, 7), (8, 8), (14, 14)]  # 1, 4, 7, 33, 49, 64, 196


@pytest.mark.parametrize("width", [32, 64, 96])
@pytest.mark.parametrize("heads", [1, 2, 4])
def test_shapes(library, heads, width):
    """Every number of keys; with and without spatial reduction."""
    for i, keys in enumerate(KEYS):
        for queries in (keys, (2 * keys[0], 2 * keys[1])):
            if queries == (28, 28) and heads * width > 128:
                continue  # too many values for none to come close to 0
            attention = Attention(heads, width, queries, keys, threshold=[0.6, 1.0, 1.5][i % 3])
            agree(library, attention.tflite, seed=i)


@pytest.mark.parametrize("sharpness", [0.2, 1.0, 3.0, -1.0, -0.3])
def test_sharpness(library, sharpness):
    """Weights from flat to far below the rounding of the largest; scores of the other sign."""
    for i, threshold in enumerate((0.02, 0.5, 1.0, 3.0)):
        attention = Attention(2, 64, (7, 7), (5, 7), sharpness, threshold)
        agree(library, attention.tflite(i, shortcut=False), seed=i)


@pytest.mark.parametrize("beta", [0.5, 2.0])
def test_beta(library, beta):
    attention = Attention(2, 32, (4, 4), (4, 4), beta=beta)
    agree(library, attention.tflite(1))


@pytest.mark.parametrize(("width", "sharpness"), [(256, 1.0), (288, 1.0), (32, 6.9)])
def test_wide_heads(library, width, sharpness):
    """More words than the tables of a register hold, and the steepest that is taken."""
    attention = Attention(1, width, (4, 4), (4, 4), sharpness)
    agree(library, attention.tflite(2))


def test_more_than_a_register_holds(library):
    """Thousands of keys."""
    attention = Attention(1, 32, (3, 3), (66, 63), threshold=1.1)
    agree(library, attention.tflite(3, shortcut=False), threads=[2])


def test_outputs(library):
    """The context and queries may leave; what has no map in the fused form stays outside."""
    attention = Attention(2, 32, (6, 6), (3, 3))
    agree(library, attention.tflite(4, context=True, q=True))
    for name in ("probabilities", "bits"):
        agree(library, attention.tflite(4, **{name: True}), left=None)


ALIKE = [{"width": 48}, {"sharpness": 12.0}, {"threshold": 0.0}]


@pytest.mark.parametrize("change", ALIKE)
def test_alike_but_left_alone(library, change):
    """Heads that fill no words, scores too steep for a table, a threshold of nothing."""
    attention = Attention(**{"heads": 2, "width": 32, "queries": (4, 4), "keys": (4, 4), **change})
    agree(library, attention.tflite(5), left=None)


@pytest.mark.parametrize("keys", [(2, 2), (1, 7), (7, 7)])
@pytest.mark.parametrize("heads", [1, 2])
def test_decisions_differ_on_edges_only(library, heads, keys):
    """Whatever the inputs: where contexts differ, a probability lies on its threshold.

    The threshold is put on a probability that occurs, so many times where keys are few.
    """
    plain = Attention(heads, 32, (7 * keys[0], 14 * keys[1]), keys)
    tflite = plain.tflite(1, shortcut=False)
    rng = np.random.default_rng(1)
    inputs = [rng.normal(size=s).astype(np.float32) for s in input_shapes(tflite)]
    nodes = flatbuffer.read(tflite).nodes
    softmax, context = ([n for n in nodes if n.operator == x][-1] for x in ("SOFTMAX", "MUL"))
    (p,) = run_lce(with_outputs(tflite, softmax.outputs), *inputs)
    common = np.median(p)
    edged = replace(plain, threshold=float(common) * np.prod(keys)).tflite(1, shortcut=False)
    file = with_outputs(edged, context.outputs)
    (want,) = run_lce(file, *inputs)
    on_edge = np.abs(p - common).reshape(heads, len(want), -1).min((0, 2)) <= 1e-6 * common
    for isa in isas(library):
        (got,) = run(load(library, file, isa=isa), *inputs)
        other = np.abs(got - want).max(1) > TOLERANCE * np.abs(want).max()
        assert not (other & ~on_edge).any(), f"{other.sum()} rows differ, {on_edge.sum()} may"
    assert on_edge.sum() > (20 if keys == (2, 2) else 0)
