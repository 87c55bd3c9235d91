"""Memory for maps, as the library tells it (larq_bvit.h)."""

import ctypes

import pytest
import tensorflow as tf

from tests.native.layer_graphs import Layers
from tests.native.stock import PLAIN, load, run

TILE = 4 * 7  # bytes of a column of a tile's rows


@pytest.fixture
def count(library):
    """Bytes of a delegate."""
    function = ctypes.CDLL(library).larq_bvit_activation_bytes
    function.restype, function.argtypes = ctypes.c_size_t, [ctypes.c_void_p]
    return lambda delegate: function(delegate._get_native_delegate_pointer())


def wide():
    """28 x 28 maps of 64 channels, read by windows, so that each is whole in memory."""
    graph = Layers(0)
    x = graph.input(1, 28, 28, 64)
    for _ in range(6):
        x = graph.prelu(graph.binary(x, 64, 3))
    return graph.tflite(x), graph.rng.normal(size=(1, 28, 28, 64)).astype("f")


@pytest.mark.parametrize("exact", [0, 1])
def test_between_the_largest_map_and_all_maps(library, count, exact):
    tflite, image = wide()
    interpreter = load(library, tflite, exact=exact, threads=1)
    (delegate,) = interpreter._delegates
    assert count(delegate) == 0
    run(interpreter, image)
    bits, floats = 28 * 28 * 64 // 8, 28 * 28 * 64 * 4
    if exact:  # a map and its scratch per layer; float maps are the runtime's
        assert 6 * bits <= count(delegate) <= 6 * 4 * bits
    else:  # one float map at a time, its signs, and a strip of 3 x 3 of them in scratch
        assert floats <= count(delegate) <= floats + 3 * bits + 8 * TILE * 256


def test_threads_have_scratch_of_their_own(library, count):
    tflite, image = wide()
    found = []
    for threads in (1, 2, 3):
        interpreter = load(library, tflite, threads=threads)
        run(interpreter, image)
        found.append(count(*interpreter._delegates))
    assert found[0] < found[1] < found[2]


@pytest.mark.parametrize("exact", [0, 1])
def test_whose_maps_they_are(library, count, exact):
    """All interpreters' of a delegate, as long as they live, and as large as they are now."""
    tflite, image = wide()
    delegate = tf.lite.experimental.load_delegate(library, {"threads": 1, "exact": exact})

    def interpreter():
        made = tf.lite.Interpreter(
            model_content=tflite,
            experimental_delegates=[delegate],
            experimental_op_resolver_type=PLAIN,
        )
        run(made, image)
        return made

    first = interpreter()
    one = count(delegate)
    second = interpreter()
    assert one > 0 and count(delegate) == 2 * one
    run(second, image.repeat(3, axis=0))
    assert count(delegate) > 2.4 * one  # four images; scratch of a thread is for one row or strip
    run(second, image)
    assert count(delegate) == 2 * one
    del second
    assert count(delegate) == one
    del first
    assert count(delegate) == 0


def test_no_delegate(library):
    function = ctypes.CDLL(library).larq_bvit_activation_bytes
    function.restype, function.argtypes = ctypes.c_size_t, [ctypes.c_void_p]
    assert function(None) == 0
