"""Full-precision twins: against Keras, and nothing float in 8 bits."""

import numpy as np
import pytest

from larq_bvit.bench.entry import XNNPACK
from larq_bvit.bench.local.claims import claims
from larq_bvit.bench.local.mode import Mode
from larq_bvit.bench.local.opened import Opened
from larq_bvit.bench.subjects.precision import (
    check_integer,
    dynamic_tflite,
    float_tflite,
    integer_tflite,
)
from tests.bench.small_model import small, small_images

STEPS = {float_tflite: 1e-6, dynamic_tflite: 0.02, lambda m: integer_tflite(m, IMAGES): 0.05}
IMAGES = small_images()


def test_twins_compute_what_keras_does(tmp_path):
    model = small(binary=False)
    expected = model(IMAGES[:1], training=False).numpy()
    for place, (convert_it, tolerance) in enumerate(STEPS.items()):
        path = tmp_path / f"{place}.tflite"
        path.write_bytes(convert_it(model))
        opened = Opened(Mode(XNNPACK), path)
        got = opened.logits(opened.run(opened.stored(IMAGES[:1])))
        assert np.abs(got - expected).max() <= tolerance * np.abs(expected).max()
        claimed = claims(opened.interpreter)
        assert claimed["taken"] + sum(claimed["left"].values()) == claimed["all"]


def test_eight_bits_leave_nothing_in_float():
    check_integer(integer_tflite(small(binary=False), IMAGES))
    with pytest.raises(ValueError, match="expected integers only; got .*FLOAT32"):
        check_integer(dynamic_tflite(small(binary=False)))
