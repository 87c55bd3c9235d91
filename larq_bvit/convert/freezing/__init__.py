"""A Keras model as an inference graph, in forms that Larq Compute Engine recognises.

`rebuild` walks a model by rules, `freeze` has the rules.
"""
