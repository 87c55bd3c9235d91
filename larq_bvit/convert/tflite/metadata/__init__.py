"""TFLite metadata: what a phone app must know of a model, in the model's own file.

The public format of the TFLite Support and Task libraries: a flatbuffer of its own schema in one
of the .tflite's buffers (`tables`, `fields`), and the class names in a zip archive behind the
model (`container`). Interpreters, LCE's among them, see neither.
"""

from larq_bvit.convert.tflite.metadata.add import add_metadata
from larq_bvit.convert.tflite.metadata.metadata import Metadata
from larq_bvit.convert.tflite.metadata.read import read_metadata

__all__ = ["Metadata", "add_metadata", "read_metadata"]
