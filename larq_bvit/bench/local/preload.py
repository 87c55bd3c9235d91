"""Imports the runtimes, once, in the server that all workers are forks of.

A start is then timed without imports, and thirty workers fit into memory.
"""

from contextlib import suppress
from importlib import import_module
from importlib.metadata import version

from larq_bvit._quiet import import_tensorflow

import_tensorflow().lite.Interpreter  # noqa: B018
for name in (
    "larq_compute_engine.tflite.python.interpreter",
    "larq_bvit.convert",
    "ai_edge_litert.interpreter",
):
    with suppress(ImportError):  # one that this installation lacks
        import_module(name)
for package in ("larq-compute-engine", "ai-edge-litert", "tensorflow"):
    with suppress(ImportError):
        version(package)  # Python remembers where it has found packages
