"""Delegates and interpreters that begin and end in any order, in threads, children and runtimes."""

import ctypes
import gc
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.runtime.backend import litert, tensorflow_lite
from tests.native.layer_graphs import Layers, options
from tests.native.lce_graphs import SAME
from tests.native.stock import PLAIN, assert_equal_bits, load, run

pytestmark = pytest.mark.parametrize("exact", [0, 1])


@pytest.fixture(scope="module")
def case():
    """A network with builtin operators between LCE's, and an input."""
    graph = Layers(5)
    x = graph.prelu(graph.binary(graph.input(2, 9, 11, 48), 64, 3))
    y = graph.add(graph.binary(x, 64), x)
    # the runtime's: two partitions
    y = graph.node("SOFTMAX", [y], y.shape, options("Softmax", beta=1.0))
    z = graph.bconv(graph.bconv(graph.sign(y), 64, 40, output="bits"), 40, 24, 3, padding=SAME)
    image = np.random.default_rng(1).normal(size=(2, 9, 11, 48)).astype(np.float32)
    return graph.tflite(z, y), image


class Delegate:
    """One whose end the test chooses; the runtime's own class ends with its last reader."""

    def __init__(self, library, **options):
        self._library = ctypes.PyDLL(library)
        create = self._library.tflite_plugin_create_delegate
        strings = ctypes.POINTER(ctypes.c_char_p)
        create.restype = ctypes.c_void_p
        create.argtypes = [strings, strings, ctypes.c_size_t, ctypes.c_void_p]
        texts = [[str(x).encode() for x in column] for column in zip(*options.items(), strict=True)]
        keys, values = ((ctypes.c_char_p * len(texts[0]))(*column) for column in texts)
        self._pointer = create(keys, values, len(options), None)
        assert self._pointer

    def _get_native_delegate_pointer(self):
        return self._pointer

    def destroy(self):
        destroy = self._library.tflite_plugin_destroy_delegate
        destroy.restype, destroy.argtypes = None, [ctypes.c_void_p]
        destroy(self._pointer)


def interpreter_with(delegate, tflite):
    return tf.lite.Interpreter(
        model_content=tflite,
        experimental_delegates=[delegate],
        experimental_op_resolver_type=PLAIN,
        num_threads=1,
    )


@pytest.fixture
def spoilt():
    """What is freed is overwritten at once, so that reading it shows."""
    libc, perturb = ctypes.CDLL(None), -6  # of malloc.h
    libc.mallopt(perturb, 0x5A)
    yield
    libc.mallopt(perturb, 0)


@pytest.mark.parametrize("state", ["made", "allocated", "run"])
@pytest.mark.parametrize("delegate_first", [True, False])
def test_ends_in_any_order(library, spoilt, case, exact, state, delegate_first):
    """Interpreters go on after the end of their delegate, whose flags the runtime still reads."""
    tflite, image = case
    want = run(load(library, tflite, exact=exact), image)
    delegate = Delegate(library, threads=2, exact=exact)
    first, second = interpreter_with(delegate, tflite), interpreter_with(delegate, tflite)
    if state != "made":
        first.allocate_tensors()
    if state == "run":
        run(first, image)
    if delegate_first:
        delegate.destroy()
        assert_equal_bits(run(first, image), want)
        del first
        assert_equal_bits(run(second, image), want)
        run(second, np.concatenate([image, image]))
        del second
    else:
        del first
        assert_equal_bits(run(second, image), want)
        del second
        gc.collect()
        delegate.destroy()


def resident():
    """Bytes of this process in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_memory_does_not_grow(library, case, exact):
    """Opened and closed, with and without inference, resized."""
    tflite, image = case

    def cycle(number):
        interpreter = load(library, tflite, threads=1 + number % 2, exact=exact)
        if number % 4:
            run(interpreter, image)
        if number % 4 == 2:
            run(interpreter, np.concatenate([image, image]))

    for number in range(100):
        cycle(number)
    before = resident()
    for number in range(400):
        cycle(number)
    # a lost program would be 25 KB a cycle, in the fused mode more
    assert resident() - before < 400 * 12_500


def test_several_at_once(library, case, exact):
    """Interpreters on threads of their own, with threads of their own, and an early end of some."""
    tflite, image = case
    want = run(load(library, tflite, exact=exact), image)

    def work(number):
        interpreter = load(library, tflite, threads=1 + number % 3, exact=exact)
        return [run(interpreter, image) for _ in range(30)]

    with ThreadPoolExecutor(6) as pool:
        for runs in pool.map(work, range(12)):
            for got in runs:
                assert_equal_bits(got, want)


def threads_here() -> set[str]:
    """Threads of this process; those that earlier tests have left may end at any time."""
    return set(os.listdir("/proc/self/task"))


def test_partitions_share_threads(library, case, exact):
    """As many as the option says, however many partitions there are; they end with the last one."""
    tflite, image = case
    gc.collect()
    before = threads_here()
    delegate = Delegate(library, threads=4, exact=exact)
    first = interpreter_with(delegate, tflite)
    run(first, image)
    assert len(threads_here() - before) == 3
    run(first, np.concatenate([image, image]))
    assert len(threads_here() - before) == 3
    second = interpreter_with(delegate, tflite)
    run(second, image)
    assert len(threads_here() - before) == 6  # both may run at once
    del first
    gc.collect()
    assert len(threads_here() - before) == 3
    del second
    gc.collect()
    assert not threads_here() - before
    delegate.destroy()


def test_one_delegate_on_several_threads(library, case, exact):
    """Its interpreters run at the same time, and are prepared and ended meanwhile."""
    tflite, image = case
    want = run(load(library, tflite, exact=exact), image)
    delegate = Delegate(library, threads=2, exact=exact)

    def work(_):
        interpreter = interpreter_with(delegate, tflite)
        return [run(interpreter, image) for _ in range(20)]

    with ThreadPoolExecutor(4) as pool:
        for runs in pool.map(work, range(12)):
            for got in runs:
                assert_equal_bits(got, want)
    delegate.destroy()


def in_child(work):
    """How a child process ends: "right" where `work()` is true there, "wrong", or by a signal.

    Whether it hangs, a signal tells after a minute.
    """
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        same = False
        try:
            same = work()
        finally:
            os._exit(0 if same else 1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {0: "right", 1: "wrong"}.get(code) or signal.Signals(-code).name


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_fork(library, case, exact, threads):
    """A child has none of its parent's threads: interpreters from before make their own."""
    tflite, image = case
    options = {"threads": threads, "exact": exact}
    used, fresh = load(library, tflite, **options), load(library, tflite, **options)
    fresh.allocate_tensors()
    want = run(used, image)

    def same(interpreter):
        return all(map(np.array_equal, run(interpreter, image), want))

    def old_and_new():
        nonlocal used, fresh
        one = same(used) and same(fresh) and same(used) and same(load(library, tflite, **options))
        used = fresh = None  # with the child's threads
        return one and same(load(library, tflite, **options))

    def unused():
        nonlocal used, fresh
        used = fresh = None  # the parent's threads are not there to be waited for
        return True

    assert in_child(old_and_new) == "right"
    assert in_child(unused) == "right"
    assert same(used) and same(fresh)


def test_two_runtimes_in_a_process(library, case, exact):
    """TensorFlow Lite's and LiteRT's interpreters side by side, by one library, in turn."""
    pytest.importorskip("ai_edge_litert")
    tflite, image = case
    made = []
    for backend, threads in product((tensorflow_lite(), litert()), (1, 2)):
        delegate = backend.load_delegate(library, {"threads": threads, "exact": exact})
        made.append(
            backend.interpreter(
                model_content=tflite,
                experimental_delegates=[delegate],
                experimental_op_resolver_type=backend.plain,
            )
        )
    want = run(load(library, tflite, exact=exact), image)
    for _ in range(3):
        for interpreter in made:
            for a, b in zip(run(interpreter, image), want, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)  # SOFTMAX is theirs
        made.reverse()
    while made:
        made.pop(len(made) // 2)
