"""A stock TFLite interpreter with the delegate, and LCE's own."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.convert import Interpreter

# Builtin operators by the runtime's plain kernels: XNNPACK rounds as it likes.
PLAIN = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES


@cache
def isas(library: str) -> tuple[str, ...]:
    """What the option `isa` may be here."""
    name = ctypes.CDLL(library).larq_bvit_isa
    name.restype, name.argtypes = ctypes.c_char_p, [ctypes.c_int]
    names = []
    while found := name(len(names)):
        names.append(found.decode())
    return tuple(names)


def load(library: str, tflite: bytes, **options: Any) -> tf.lite.Interpreter:
    """An interpreter with the delegate; not yet allocated."""
    delegate = tf.lite.experimental.load_delegate(library, options)
    return tf.lite.Interpreter(
        model_content=tflite,
        experimental_delegates=[delegate],
        experimental_op_resolver_type=PLAIN,
        num_threads=1,
    )


def run(interpreter: tf.lite.Interpreter, *inputs: np.ndarray) -> list[np.ndarray]:
    """Outputs of one inference, after resizing the inputs that have another shape."""
    for details, array in zip(interpreter.get_input_details(), inputs, strict=True):
        if tuple(details["shape"]) != array.shape:
            interpreter.resize_tensor_input(details["index"], array.shape)
    interpreter.allocate_tensors()
    for details, array in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(details["index"], array)
    interpreter.invoke()
    return [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]


def run_lce(tflite: bytes, *inputs: np.ndarray, **options: Any) -> list[np.ndarray]:
    """The same by LCE's interpreter."""
    return lce_runner(tflite, **options)(*inputs)


def lce_runner(tflite: bytes, **options: Any) -> Callable[..., list[np.ndarray]]:
    """`run_lce` of one file, which is loaded once."""
    interpreter = Interpreter(tflite, **options)
    return lambda *inputs: interpreter._runner.predict(list(inputs))


def assert_equal_bits(got: list[np.ndarray], want: list[np.ndarray]) -> None:
    """Equal types, shapes and bits: 0.0 is not -0.0, and NaN is NaN."""
    assert len(got) == len(want)
    for a, b in zip(got, want, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_array_equal(a.view(f"V{a.itemsize}"), b.view(f"V{b.itemsize}"))
