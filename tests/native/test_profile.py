"""The counters behind the option `profile`, as C programs read them."""

import ctypes
import json

import numpy as np
import pytest

from tests.native.lce_graphs import Bconv2d
from tests.native.stock import load, run
from tests.native.test_exact_ops import chain

CASE = Bconv2d(2, 9, 8, 40, 70)
KINDS = ["LceQuantize", "LceBconv2d", "LceBconv2d", "LceBMaxPool2d", "LceBconv2d"]


@pytest.fixture
def read(library):
    """Text of a given room, and the whole length, of an interpreter's delegate."""
    write = ctypes.CDLL(library).larq_bvit_profile_json
    write.restype = ctypes.c_size_t
    write.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]

    def read(delegate, room=1 << 16):
        text = ctypes.create_string_buffer(b"?" * (room + 8))
        length = write(delegate._get_native_delegate_pointer(), text, room)
        assert text.raw[room:].startswith(b"?" * 8)  # nothing behind the room
        return text.value if room else b"", length

    return read


def test_exact_steps(library, read):
    interpreter = load(library, chain(2), exact=1, profile=1, threads=2)
    (delegate,) = interpreter._delegates
    assert read(delegate) == (b"[]", 2)  # nothing is prepared yet
    x = np.zeros((2, 9, 8, 40), np.float32)
    run(interpreter, x)
    before = json.loads(read(delegate)[0])
    assert [row["kind"] for row in before] == [*KINDS, "LceQuantize", "LceDequantize"]
    assert before[1]["name"] == "int32 (2, 9, 8, 3)"
    interpreter.invoke()
    after = json.loads(read(delegate)[0])
    for old, new in zip(before, after, strict=True):
        assert 0 < old["nanoseconds"] < new["nanoseconds"] < 1e9


def test_fused_steps(library, read):
    interpreter = load(library, chain(2), profile=1)
    run(interpreter, np.zeros((2, 9, 8, 40), np.float32))
    rows = json.loads(read(*interpreter._delegates)[0])
    assert rows and all(set(row) == {"name", "kind", "nanoseconds"} for row in rows)


def test_writes_like_snprintf(library, read):
    interpreter = load(library, CASE.tflite(0), exact=1, profile=1)
    run(interpreter, CASE.input(1))
    (delegate,) = interpreter._delegates
    whole, length = read(delegate)
    assert len(whole) == length
    for room in (0, 1, 2, 3, length // 2, length, length + 1):
        assert read(delegate, room) == (whole[: max(room - 1, 0)], length)


def test_without_the_option(library, read):
    interpreter = load(library, CASE.tflite(0), exact=1)
    run(interpreter, CASE.input(1))
    assert read(*interpreter._delegates) == (b"[]", 2)


def test_whoever_goes_first(library, read):
    """Delegate and kernels share the counters."""
    interpreter = load(library, CASE.tflite(0), exact=1, profile=1)
    run(interpreter, CASE.input(1))
    (delegate,) = interpreter._delegates
    run(interpreter, Bconv2d(3, 9, 8, 40, 70).input(1))  # prepared anew
    assert len(json.loads(read(delegate)[0])) == 1
    delegate.__del__()  # destroys it
    run(interpreter, CASE.input(1))
    interpreter = load(library, CASE.tflite(0), exact=1, profile=1)
    (delegate,) = interpreter._delegates
    run(interpreter, CASE.input(1))
    interpreter._delegates = None
    del interpreter
    assert read(delegate) == (b"[]", 2)
