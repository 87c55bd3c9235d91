"""From a Keras model to a .tflite that Larq Compute Engine runs bit-packed.

freeze(model) -> an inference model -> to_tflite(model) -> bytes -> Interpreter(bytes)
"""

from larq_bvit.convert.census import Census, Product, census
from larq_bvit.convert.compare import Agreement
from larq_bvit.convert.conversion import Conversion
from larq_bvit.convert.conversion_error import ConversionError
from larq_bvit.convert.flatbuffer import count_ops
from larq_bvit.convert.freeze import freeze
from larq_bvit.convert.interpreter import Interpreter
from larq_bvit.convert.metadata import Metadata, add_metadata, read_metadata
from larq_bvit.convert.normalization import Normalization
from larq_bvit.convert.target import Target, list_targets, load_target
from larq_bvit.convert.to_tflite import convert_model, to_tflite
from larq_bvit.convert.verify import Verification, verify

__all__ = [
    "Agreement",
    "Census",
    "Conversion",
    "ConversionError",
    "Interpreter",
    "Metadata",
    "Normalization",
    "Product",
    "Target",
    "Verification",
    "add_metadata",
    "census",
    "convert_model",
    "count_ops",
    "freeze",
    "list_targets",
    "load_target",
    "read_metadata",
    "to_tflite",
    "verify",
]
