"""The .tflite as a file: read, written, made smaller, described."""
