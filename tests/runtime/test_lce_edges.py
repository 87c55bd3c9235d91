"""Where the delegate and LCE part."""

from dataclasses import replace

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.tflite import flatbuffer
from larq_bvit.convert.tflite.pack import pack
from larq_bvit.convert.verification.comparisons import find_comparisons, with_outputs
from larq_bvit.convert.verification.edges import Flip
from larq_bvit.runtime.lce_check import compare_with_lce
from larq_bvit.runtime.lce_edges import DelegateEdges, Undecided
from tests.delegate import needs_delegate, needs_lce
from tests.native.attention_graphs import Attention
from tests.native.layer_graphs import Layers
from tests.native.stock import run_lce

pytestmark = [needs_delegate, needs_lce]


def just_below(value):
    """Signs of (y - c) * 0.7, where c is the next number above `value`; and y's own tensor."""
    graph = Layers(1)
    bits = graph.sign(graph.input(1, 5, 6, 96))
    y = graph.bconv(bits, 96, 64, multiplier=0.3)
    below = graph.pair("SUB", y, np.nextafter(value, np.float32(9))[None])
    signs = graph.sign(graph.pair("MUL", below, np.float32([0.7])))
    return graph.tflite(graph.bconv(signs, 64, 32)), y.index


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def one_input(tflite, second):
    """The file with its second input as a constant."""
    file = flatbuffer.load(tflite)
    (graph,) = file.subgraphs
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(second.tobytes(), np.uint8)
    file.buffers.append(buffer)
    graph.tensors[graph.inputs[1]].buffer = len(file.buffers) - 1
    graph.inputs = graph.inputs[:1]
    return bytes(pack(file))


def test_a_sign_on_the_edge():
    x = normal(1, 5, 6, 96)
    tflite, y = just_below(np.float32(0))
    (values,) = run_lce(with_outputs(tflite, [y]), x)
    often = values.flat[np.abs(values - 1.2).argmin()]  # 0.3 * 4, as LCE rounds it
    compared = compare_with_lce(just_below(often)[0], x)
    assert compared["exact"].agreement.absolute == 0 and not compared["exact"].edges
    (edge,) = compared["fused"].edges
    assert isinstance(edge, Flip) and edge.distance < 1e-7 and edge.difference < 1e-6
    assert compared["fused"].agreement.relative > 0.1 and compared["fused"].holds
    assert f"on a rounding edge: {edge}" in str(compared["fused"])


def test_probabilities_on_their_threshold():
    plain = Attention(1, 32, (14, 28), (2, 2))
    shapes = [(1, 14, 28, 32), (1, 2, 2, 32)]
    inputs = [normal(*shape, seed=i) for i, shape in enumerate(shapes)]
    tflite = one_input(plain.tflite(1, shortcut=False), inputs[1])
    (attended,) = [c for c in find_comparisons(tflite) if c.is_of_probabilities]
    (p,) = run_lce(with_outputs(tflite, [attended.tensor]), inputs[0])
    common = float(np.median(p))
    edged = replace(plain, threshold=common * 4).tflite(1, shortcut=False)
    found = DelegateEdges(one_input(edged, inputs[1]), exact=False).first(inputs[0])
    assert isinstance(found, Undecided) and found.values == p.size
    assert found.on_edge == (np.abs(p - common) <= 1e-6 * common).sum() > 0
    assert f"{found.on_edge} of 1,568 probabilities" in str(found)
    away = replace(plain, threshold=common * 4 * 1.001).tflite(1, shortcut=False)
    assert DelegateEdges(one_input(away, inputs[1]), exact=False).first(inputs[0]) is None
    # as near to some, but decided alike: the signs behind agree
    near = replace(plain, threshold=common * 4 * (1 + 2e-7)).tflite(1, shortcut=False)
    (compared,) = [c for c in find_comparisons(near) if c.is_of_probabilities]
    assert (np.abs(p - compared.threshold) <= 1e-6 * common).sum() == found.on_edge
    assert DelegateEdges(one_input(near, inputs[1]), exact=False).first(inputs[0]) is None


def test_files_without_signs():
    graph = Layers(2)
    tflite = graph.tflite(graph.conv(graph.input(1, 4, 4, 3), 8, 3))
    assert DelegateEdges(tflite, exact=False).first(normal(1, 4, 4, 3)) is None
