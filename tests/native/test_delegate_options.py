"""Options of the delegate, and what is said of bad ones."""

import ctypes
import re

import numpy as np
import pytest

from tests.native.lce_graphs import Bconv2d
from tests.native.stock import assert_equal_bits, isas, load, run, run_lce

CASE = Bconv2d()


@pytest.fixture(scope="module")
def tflite():
    return CASE.tflite(0)


def create(library, **options):
    """What a C program sees: (pointer, error message)."""
    messages = []
    report = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(lambda text: messages.append(text.decode()))
    make = ctypes.CDLL(library).tflite_plugin_create_delegate
    make.restype = ctypes.c_void_p
    make.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, type(report)]
    keys = (ctypes.c_char_p * len(options))(*map(str.encode, options))
    values = (ctypes.c_char_p * len(options))(*(str(v).encode() for v in options.values()))
    return make(keys, values, len(options), report), messages


def destroy(library, pointer):
    free = ctypes.CDLL(library).tflite_plugin_destroy_delegate
    free.restype, free.argtypes = None, [ctypes.c_void_p]
    free(pointer)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"isaa": "avx2"},
            "unknown option 'isaa'; there are isa, threads, exact, verbose and profile",
        ),
        ({"isa": "sse9"}, "option isa must be one of portable"),
        ({"threads": "0"}, "option threads must be a number from 1 to 64; got '0'"),
        ({"threads": "65"}, "option threads must be a number from 1 to 64; got '65'"),
        ({"threads": ""}, "option threads must be a number from 1 to 64; got ''"),
        ({"threads": "2x"}, "option threads must be a number from 1 to 64; got '2x'"),
        ({"threads": "-1"}, "option threads must be a number from 1 to 64; got '-1'"),
        ({"threads": "99999999999999999999"}, "option threads must be a number"),
        ({"exact": "2"}, "option exact must be a number from 0 to 1; got '2'"),
        ({"exact": "yes"}, "option exact must be a number from 0 to 1; got 'yes'"),
        ({"verbose": "3"}, "option verbose must be a number from 0 to 2; got '3'"),
        ({"exact": "1", "x" * 10_000: "1"}, "unknown option 'xxxx"),
    ],
)
def test_bad_options(library, tflite, options, message):
    pointer, messages = create(library, **options)
    assert pointer is None
    assert len(messages) == 1 and message in messages[0]
    with pytest.raises(ValueError, match=re.escape(message)):
        load(library, tflite, **options)


def test_isa_names_what_is_there(library):
    _, (message,) = create(library, isa="sse9")
    assert f"must be one of {', '.join(isas(library))} on this processor" in message


def test_good_options(library, tflite):
    x = CASE.input(1)
    want = run_lce(tflite, x)
    for options in ({}, {"isa": ""}, {"isa": "portable", "threads": 64, "exact": 1, "verbose": 0}):
        assert_equal_bits(run(load(library, tflite, **{"exact": 1, **options}), x), want)


def test_only_the_lower_half_of_the_count_is_read(library):
    """Python passes a C int for a size_t."""
    make = ctypes.CDLL(library).tflite_plugin_create_delegate
    make.restype = ctypes.c_void_p
    make.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
    pointer = make(None, None, 0xDEADBEEF << 32, None)
    assert pointer is not None
    destroy(library, pointer)
    destroy(library, None)


def test_missing_names_and_values(library):
    make = ctypes.CDLL(library).tflite_plugin_create_delegate
    make.restype = ctypes.c_void_p
    make.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
    nothing = (ctypes.c_char_p * 1)(None)
    some = (ctypes.c_char_p * 1)(b"exact")
    assert make(None, None, 1, None) is None
    assert make(nothing, some, 1, None) is None
    assert make(some, nothing, 1, None) is None


@pytest.mark.parametrize("isa", ["portable", ""])
def test_environment(library, tflite, monkeypatch, capfd, isa):
    monkeypatch.setenv("LARQ_BVIT_ISA", isa)
    monkeypatch.setenv("LARQ_BVIT_VERBOSE", "1")
    load(library, tflite, exact=1)
    name = isa or isas(library)[-1]
    assert f"larq_bvit: claims 1 of 1 nodes (exact, {name}, 1 threads)" in capfd.readouterr().err


def test_options_come_before_the_environment(library, tflite, monkeypatch, capfd):
    monkeypatch.setenv("LARQ_BVIT_ISA", "sse9")
    monkeypatch.setenv("LARQ_BVIT_VERBOSE", "2")
    load(library, tflite, isa="portable", verbose=0)
    assert "larq_bvit" not in capfd.readouterr().err


@pytest.mark.parametrize("name", ["LARQ_BVIT_ISA", "LARQ_BVIT_VERBOSE"])
def test_bad_environment(library, tflite, monkeypatch, name):
    monkeypatch.setenv(name, "sse9")
    with pytest.raises(ValueError, match=f"{name} must be"):
        load(library, tflite)


def test_verbose_says_what_stays_and_why(library, capfd):
    changed = CASE.tflite(0, channels_in=31)
    load(library, changed, exact=1, verbose=2)
    assert "node 0 (LceBconv2d) -> float32 (1, 4, 5, 8) is claimed" in capfd.readouterr().err


def test_threads_of_the_interpreter(library, tflite, capfd):
    """Without the option as many as the interpreter has; the stock one of Python asks for one."""
    load(library, tflite, verbose=1, threads=3)
    assert "3 threads" in capfd.readouterr().err


def test_a_delegate_may_go_before_its_interpreter(library, tflite):
    """Python's interpreter holds its delegates; C programs may not."""
    x = CASE.input(1)
    interpreter = load(library, tflite, exact=1)
    want = run(interpreter, x)
    (delegate,) = interpreter._delegates
    delegate.__del__()  # destroys it, once
    assert_equal_bits(run(interpreter, np.array(x)), want)
