"""The sections of `benchmarks/native.py`."""

import larq_bvit as larq_bvit  # before TensorFlow: Larq needs legacy Keras
