"""What a file compares with constants."""

import numpy as np
import pytest

from larq_bvit.convert.verification.comparisons import find_comparisons, with_outputs
from tests.delegate import needs_lce
from tests.native.attention_graphs import Attention
from tests.native.layer_graphs import Layers
from tests.native.stock import run_lce

pytestmark = needs_lce


def test_in_order_of_execution():
    graph = Layers(0)
    x = graph.input(1, 3, 3, 32)
    limits = graph.normal(32), graph.normal(32)
    first, second = (graph.boolean("GREATER_EQUAL", x, limit) for limit in limits)
    between = graph.boolean("GREATER_EQUAL", x, graph.prelu(x))  # no constant
    signs = graph.sign(graph.prelu(x))
    tflite = graph.tflite(first, second, between, signs)
    found = find_comparisons(tflite)
    operators = ["GREATER_EQUAL", "GREATER_EQUAL", "LceQuantize"]
    assert [one.operator for one in found] == operators
    for one, limit in zip(found, [*limits, np.zeros(1)], strict=True):
        np.testing.assert_array_equal(one.threshold, limit)
        assert not one.is_of_probabilities
    assert found[0].tensor == found[1].tensor == x.index
    value = np.random.default_rng(0).normal(size=x.shape).astype(np.float32)
    same, again, negative = run_lce(with_outputs(tflite, [one.tensor for one in found]), value)
    np.testing.assert_array_equal(same, value)
    np.testing.assert_array_equal(again, value)
    assert ((negative < 0) <= (value < 0)).all() and (negative != value).any()


def test_probabilities():
    found = find_comparisons(Attention(2, 32, (5, 7), (5, 7), threshold=1.5).tflite(1))
    (one,) = [one for one in found if one.is_of_probabilities]
    assert one.threshold == np.float32(1.5 / 35)
    assert len(found) > 4


def test_not_a_tflite():
    with pytest.raises(ValueError, match=r"\.tflite"):
        find_comparisons(b"no file")
