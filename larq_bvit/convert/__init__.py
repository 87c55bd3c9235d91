"""From a Keras model to a .tflite that Larq Compute Engine runs bit-packed.

to_tflite = freezing (an inference graph) -> lce (a .tflite) -> tflite (small, with types,
            metadata) -> verification (against Keras) -> counting (what it holds)
"""

from larq_bvit.convert.conversion import Conversion
from larq_bvit.convert.conversion_error import ConversionError
from larq_bvit.convert.counting.census import Census, Product, census
from larq_bvit.convert.freezing.freeze import freeze
from larq_bvit.convert.lce.interpreter import Interpreter
from larq_bvit.convert.normalization import Normalization
from larq_bvit.convert.target import Target, list_targets, load_target
from larq_bvit.convert.tflite.flatbuffer import count_ops
from larq_bvit.convert.tflite.metadata import Metadata, add_metadata, read_metadata
from larq_bvit.convert.to_tflite import convert_model, to_tflite
from larq_bvit.convert.verification.compare import Agreement
from larq_bvit.convert.verification.verify import Verification, verify

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
