"""Files may come from anybody: damaged ones end in an error that says why, never in a crash."""

import numpy as np
import pytest
from flatbuffers import flexbuffers

from tests.native.graph_writer import GraphWriter
from tests.native.lce_graphs import Bconv2d, random_bits
from tests.native.stock import load, run

CASE = Bconv2d(1, 6, 7, 64, 40, 3, 3)
GOOD = bytes(flexbuffers.Dumps(CASE.options))
HUGE = 2**31 - 1


def write(options=GOOD, name="LceBconv2d", **tensors):
    """The convolution, with other options, other constants or without some of its tensors."""
    graph, rng = GraphWriter(), np.random.default_rng(0)
    arrays = {
        "input": CASE.input_shape,
        "filter": random_bits(rng, 40, 3, 3, 64),
        "multiplier": np.ones(40, np.float32),
        "bias": np.zeros(40, np.float32),
        "thresholds": None,
        "output": CASE.output_shape,
        "output_type": np.float32,
        **tensors,
    }
    source = graph.tensor(arrays["input"], tensors.get("input_type", np.int32))
    names = ("filter", "multiplier", "bias", "thresholds")
    constants = [-1 if arrays[n] is None else graph.constant(arrays[n]) for n in names]
    target = graph.tensor(arrays["output"], arrays["output_type"], tensors.get("scale", 0))
    inputs = [source, *constants][: tensors.get("inputs", 5)]
    graph.custom(name, inputs, [target], options)
    return graph.tflite([source], [target])


def attempt(library, tflite, **options):
    """Loads and runs; the error's text where that fails."""
    try:
        interpreter = load(library, tflite, exact=1, **options)
        interpreter.allocate_tensors()
        details = interpreter.get_input_details()[0]
        run(interpreter, np.zeros(details["shape"], details["dtype"]))
    except (ValueError, RuntimeError) as error:
        return str(error)
    return ""


def test_the_undamaged_file_runs(library):
    assert attempt(library, write()) == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stride_height": 0}, "option 'stride_height' must be in [1, 2147483647]; got 0"),
        ({"stride_width": -1}, "option 'stride_width' must be in"),
        ({"dilation_width_factor": 0}, "option 'dilation_width_factor' must be in"),
        ({"padding": 2}, "option 'padding' must be in [0, 1]; got 2"),
        ({"pad_values": -1}, "option 'pad_values' must be in [0, 1]; got -1"),
        ({"fused_activation_function": 4}, "option 'fused_activation_function' must be in"),
        ({"channels_in": 0}, "option 'channels_in' must be in"),
        ({"channels_in": 2**31}, "no whole number 'channels_in'"),
        ({"channels_in": -(2**40)}, "no whole number 'channels_in'"),
        ({"channels_in": 1.5}, "no whole number 'channels_in'"),
        ({"channels_in": "64"}, "no whole number 'channels_in'"),
        ({"channels_in": 65}, "65 channels need 3 words; its input has 2"),
        ({"channels_in": HUGE}, "channels need"),
        ({"stride_height": HUGE, "dilation_height_factor": HUGE}, "does not fit a side of"),
        ({"dilation_width_factor": HUGE, "padding": 0}, "does not fit a side of"),
        ({"dilation_height_factor": 3}, "a window of 3, stride 1, dilation 3 does not fit"),
    ],
)
def test_options_out_of_range(library, changes, message):
    options = {**CASE.options, **changes}
    assert message in attempt(library, write(options))


@pytest.mark.parametrize("name", sorted(CASE.options))
def test_missing_options(library, name):
    options = {key: value for key, value in CASE.options.items() if key != name}
    assert f"its options have no whole number '{name}'" in attempt(library, write(options))


def test_options_that_are_no_map(library):
    for value in (7, [1, 2], "text", None, 0.5, [], {}):
        assert "its options" in attempt(library, write(bytes(flexbuffers.Dumps(value))))
    assert "not a FlexBuffer map" in attempt(library, write(b""))


def test_truncated_options(library):
    for size in range(len(GOOD)):
        assert "its options" in attempt(library, write(GOOD[:size]))
        assert attempt(library, write(GOOD[-size:] if size else b"")) != ""


def test_every_byte_of_the_options_damaged(library):
    """Whatever comes of it: refused, or a convolution of another geometry."""
    rng = np.random.default_rng(0)
    for place in range(len(GOOD)):
        for byte in {0, 1, 0x7F, 0x80, 0xFF, GOOD[place] ^ 1, int(rng.integers(256))}:
            damaged = GOOD[:place] + bytes([byte]) + GOOD[place + 1 :]
            attempt(library, write(damaged))


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"filter": np.zeros((40, 3, 3, 4), np.int32)}, "2 words of input can't be divided"),
        ({"filter": np.zeros((40, 9, 2), np.int32)}, "its filter must be a constant of rank 4"),
        ({"filter": np.zeros((40, 3, 3, 2), np.float32)}, "input 1 must be int32; got float32"),
        ({"filter": np.zeros((41, 3, 3, 1), np.int32)}, "can't be divided among 2 groups"),
        ({"filter": None}, "input 1 is missing"),
        ({"multiplier": np.ones(39, np.float32)}, "input 2 must be 40 numbers; got 39"),
        ({"multiplier": np.ones((1, 40), np.float32)}, "input 2 must be 40 numbers"),
        ({"multiplier": None}, "input 2 is missing"),
        ({"bias": np.ones(40, np.int32)}, "input 3 must be float32; got int32"),
        ({"bias": None}, "input 3 is missing"),
        ({"inputs": 4}, "it must have 5 to 5 inputs; got 4"),
        ({"output_type": np.int32}, "input 4 is missing"),
        ({"output_type": np.int8}, "its int8 output must have one scale above 0"),
        ({"output_type": np.int8, "scale": -1.0}, "its int8 output must have one scale above 0"),
        ({"output_type": np.int64}, "output 0 must be float32, int8 or int32; got int64"),
        ({"input": (6, 7, 2)}, "input 0 must have rank 4; got 3"),
        ({"input": (1, 6, 7, 3)}, "64 channels need 2 words; its input has 3"),
        ({"input_type": np.float32}, "input 0 must be int32; got float32"),
    ],
)
def test_bad_tensors(library, tensors, message):
    assert message in attempt(library, write(**tensors))


def test_odd_channels_with_zero_padding_and_counts(library):
    """No kernel of LCE's knows this either."""
    case = Bconv2d(1, 4, 4, 33, 8, 3, 3, padding=0, pad_values=0, output="int8")
    assert "(an odd number) needs float output" in attempt(library, case.tflite(0))


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("LceQuantize", 5),
        ("LceQuantize", 1),
        ("LceQuantize", 0),
        ("LceDequantize", 5),
        ("LceDequantize", 0),
        ("LceBMaxPool2d", 5),
        ("LceBMaxPool2d", 1),
        ("LceBMaxPool2d", 0),
        ("LceBconv2d", 1),
        ("LceBconv2d", 0),
    ],
)
def test_operators_in_each_others_place(library, name, inputs):
    assert f"({name}) can't be run" in attempt(library, write(name=name, inputs=inputs))


def test_unknown_operators_stay_with_the_runtime(library):
    assert "unresolved custom op: LceFuture" in attempt(library, write(name="LceFuture"))


POOL = {
    "filter_height": 1,
    "filter_width": 1,
    "stride_height": 1,
    "stride_width": 1,
    "padding": 0,
}


def pools(*edges, inputs=(0,), outputs=(1,)):
    """A file of poolings that keep every bit, from tensor to tensor; tensor 3 is a constant."""
    graph = GraphWriter()
    for _ in range(3):
        graph.tensor((1, 2, 2, 1), np.int32)
    graph.constant(random_bits(np.random.default_rng(0), 1, 2, 2, 32))
    for source, target in edges:
        graph.custom("LceBMaxPool2d", [source], [target], POOL)
    return graph.tflite(inputs, outputs)


def test_order_of_nodes(library):
    assert attempt(library, pools((0, 2), (2, 1))) == ""
    text = attempt(library, pools((2, 1), (0, 2)))
    assert "node 0 reads tensor 2 before node 1 computes it" in text
    text = attempt(library, pools((2, 1), (1, 2)))
    assert "node 0 reads tensor 2 before node 1 computes it" in text


def test_what_a_node_may_not_write(library):
    assert "its output is a constant" in attempt(library, pools((0, 3), outputs=[3]))
    assert "several nodes write its output" in attempt(library, pools((0, 1), (0, 1)))
    assert "output 0 of node 0 is no tensor" in attempt(library, pools((0, -1), outputs=[0]))


def test_constant_input(library):
    """A constant may be an input, and a value may be read twice and leave as well."""
    assert attempt(library, pools((3, 1), (1, 2), outputs=[1, 2])) == ""
