"""Runs the cases of native/arm/make_cases.py in one runtime, with the delegate, and compares.

    python check.py RUNTIME LIBRARY CASES RESULT.json

RUNTIME is a Python package (tensorflow, ai_edge_litert, tflite_runtime), or the path of the folder
of TensorFlow Lite's C library. Needs NumPy and that runtime, nothing of larq_bvit.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np

MODES = {"exact": {"exact": "1"}, "fused": {}}

# run(model's path, images, delegate's options) -> outputs
Run = Callable[[str, np.ndarray, "dict[str, str]"], np.ndarray]


def python_runtime(package: str, library: str) -> Run:
    """A runtime with TensorFlow Lite's Python interface."""
    module = "tensorflow.lite.python" if package == "tensorflow" else package
    api = import_module(f"{module}.interpreter")

    def run(model: str, images: np.ndarray, options: dict[str, str]) -> np.ndarray:
        delegate = api.load_delegate(library, options)
        interpreter = api.Interpreter(model, experimental_delegates=[delegate])
        interpreter.allocate_tensors()
        source = interpreter.get_input_details()[0]["index"]
        target = interpreter.get_output_details()[0]["index"]
        outputs = []
        for image in images:
            interpreter.set_tensor(source, image[None])
            interpreter.invoke()
            outputs.append(interpreter.get_tensor(target)[0])
        return np.stack(outputs)

    return run


def compare(got: np.ndarray, expected: np.ndarray) -> dict:
    """{"equal", "relative": largest difference, "cosine"}."""
    a, b = got.astype("float64").ravel(), expected.astype("float64").ravel()
    return {
        "equal": bool(np.array_equal(got, expected)),
        "relative": float(np.abs(a - b).max() / np.abs(b).max()),
        "cosine": float(a @ b / np.sqrt((a @ a) * (b @ b))),
    }


def main(runtime: str, library: str, folder: str, result: str) -> None:
    """Writes {"cases": [{"case", "mode", ...}]}."""
    if Path(runtime).is_dir():
        from c_library import c_runtime

        run = c_runtime(runtime, library)
    else:
        run = python_runtime(runtime, library)
    found = []
    for case in sorted(path.parent for path in Path(folder).glob("*/model.tflite")):
        images, expected = np.load(case / "images.npy"), np.load(case / "lce.npy")
        for mode, options in MODES.items():
            got = run(str(case / "model.tflite"), images, options)
            found.append({"case": case.name, "mode": mode, **compare(got, expected)})
    Path(result).write_text(json.dumps({"cases": found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
