"""From a Keras model to a .tflite that Larq Compute Engine runs bit-packed.

freeze(model) -> an inference model -> to_tflite(model) -> bytes -> Interpreter(bytes)
"""

from larq_bvit.convert.census import Census, census
from larq_bvit.convert.flatbuffer import count_ops
from larq_bvit.convert.freeze import freeze
from larq_bvit.convert.interpreter import Interpreter
from larq_bvit.convert.tflite import ConversionError, to_tflite
from larq_bvit.convert.verify import Agreement, Verification, verify

__all__ = [
    "Agreement",
    "Census",
    "ConversionError",
    "Interpreter",
    "Verification",
    "census",
    "count_ops",
    "freeze",
    "to_tflite",
    "verify",
]
