"""Larq Compute Engine: what its converter needs of a graph, and its interpreter.

`lce_tflite` converts; `graph` edits what it is given, `lce_forms` lists the edits, each in a file.
"""
