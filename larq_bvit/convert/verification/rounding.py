"""A .tflite of fewer bits beside the exact one.

Rounded constants turn signs, and a network amplifies that: how far outputs are apart says little
about whether a file is right. The exact file whose constants are rounded alike says it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from larq_bvit.convert.lce.lce_tflite import lce_tflite
from larq_bvit.convert.normalization import Normalization
from larq_bvit.convert.tflite.float16_storage import round_to_float16, stores_float16
from larq_bvit.convert.tflite.io_types import read_format, store_input_as
from larq_bvit.convert.tflite.metadata import add_metadata, read_metadata
from larq_bvit.convert.verification.compare import Agreement, compare, compare_all, worst
from larq_bvit.convert.verification.input_form import takes_pixels
from larq_bvit.convert.verification.predict import KERNELS, loads, predict

_SAME = 1e-5  # largest difference over the largest magnitude


@dataclass(frozen=True)
class Rounding:
    """What fewer bits for constants or output do to a .tflite, in LCE's interpreter.

    Attributes:
        effect: the file beside the exact one.
        rest: the file beside the exact one with constants rounded alike, in all of LCE's kernels.
        holds: whether nothing but rounding tells the file from the exact one.
    """

    effect: Agreement
    rest: Agreement
    holds: bool


def compare_rounded(tflite: bytes, exact: bytes, stored: np.ndarray) -> Rounding:
    """What rounding changes, and whether it is rounding alone.

    Arguments:
        tflite: the file, of float16 constants, an output of 8 bits, or both.
        exact: the same with float32 for both.
        stored: images of their input type.
    """
    effect = compare_all(predict(tflite, stored), predict(exact, stored))
    twin = round_to_float16(exact) if stores_float16(tflite) else exact
    step = read_format(tflite, "output").step  # a whole one: 1 is stored as 255 / 256
    rest, holds = [], True
    for name in (name for name in KERNELS if name == "default" or loads(tflite, name)):
        got, expected = (predict(file, stored, **KERNELS[name]) for file in (tflite, twin))
        for number, (ours, theirs) in enumerate(zip(got, expected, strict=True)):
            rest.append(compare(ours, theirs))
            allowed = _SAME * float(np.abs(theirs).max()) + (0 if number else step)
            holds &= rest[-1].absolute <= allowed
    return Rounding(effect, worst(rest), holds)


def exact_tflite(
    model: tf.keras.Model, tflite: bytes, batch: int, normalization: Normalization
) -> bytes:
    """The model, converted anew for the input of a .tflite, with constants and output of float32.

    Raises:
        ConversionError: the model can't be converted.
    """
    exact, _ = lce_tflite(model, batch, normalization if takes_pixels(tflite) else None)
    exact = store_input_as(exact, read_format(tflite, "input"))
    metadata = read_metadata(tflite)
    return exact if metadata is None else add_metadata(exact, metadata)
