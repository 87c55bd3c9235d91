"""TensorFlow Lite's `benchmark_model` and LCE's `lce_benchmark_model`: their flags and output."""
