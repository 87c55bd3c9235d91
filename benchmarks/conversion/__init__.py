"""The sections of `benchmarks/convert.py`."""

import larq_bvit as larq_bvit  # before TensorFlow: Larq needs legacy Keras
