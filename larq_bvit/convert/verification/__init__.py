"""Whether a .tflite computes what its Keras model computes."""
