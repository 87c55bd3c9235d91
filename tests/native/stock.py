"""A stock TFLite interpreter with the delegate, and LCE's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.convert import Interpreter

# Builtin operators by the runtime's plain kernels: XNNPACK rounds as it likes.
PLAIN = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES


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
    return Interpreter(tflite, **options)._runner.predict(list(inputs))
