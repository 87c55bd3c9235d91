"""Runs .tflite files of Larq Compute Engine in a stock runtime, by our native delegate.

`Interpreter` runs a file from Python; `delegate_path` gives the library to other programs. Neither
needs TensorFlow where LiteRT (ai-edge-litert) is installed. docs/runtime.md says more.
"""

from larq_bvit.runtime.interpreter import Interpreter
from larq_bvit.runtime.library import available_isas, delegate_path
from larq_bvit.runtime.profile import Profile, ProfileRow
from larq_bvit.runtime.signature import Quantization, Signature, Tensor

__all__ = [
    "Interpreter",
    "Profile",
    "ProfileRow",
    "Quantization",
    "Signature",
    "Tensor",
    "available_isas",
    "delegate_path",
]
