"""Runs the cases of make_cases.py in a stock LiteRT with the delegate; on aarch64, in an emulator.

python run_cases.py LIBRARY FOLDER

Needs numpy and ai-edge-litert, nothing of larq_bvit. Prints a JSON line per case and mode, and fails
where outputs differ: those of single binary convolutions at all, in the exact mode; those of whole
models by more than signs on rounding edges explain, as float operators round differently here.
"""

import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, load_delegate

LEAST_COSINE = 0.999
RELATIVE = 1e-5  # of a single layer in the default mode, which may fuse a multiply and an add
MODES = {"exact": {"exact": "1"}, "fused": {}}


def outputs_of(model: str, images: np.ndarray, delegate: object) -> np.ndarray:
    interpreter = Interpreter(model, experimental_delegates=[delegate])
    interpreter.allocate_tensors()
    inputs, outputs = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    results = []
    for image in images:
        interpreter.set_tensor(inputs["index"], image[None])
        interpreter.invoke()
        results.append(interpreter.get_tensor(outputs["index"])[0])
    return np.stack(results)


def agreement(got: np.ndarray, expected: np.ndarray) -> dict:
    a, b = got.astype("float64").ravel(), expected.astype("float64").ravel()
    return {
        "equal": bool(np.array_equal(got, expected)),
        "relative": float(np.abs(a - b).max() / np.abs(b).max()),
        "cosine": float(a @ b / np.sqrt((a @ a) * (b @ b))),
    }


def holds(single: bool, mode: str, found: dict) -> bool:
    if not single:
        return found["cosine"] >= LEAST_COSINE
    return found["equal"] if mode == "exact" else found["relative"] <= RELATIVE


def main(library: str, folder: str) -> int:
    failures = 0
    runtime = f"LiteRT {version('ai-edge-litert')} on {platform.machine()}"
    for case in sorted(path.parent for path in Path(folder).glob("*/model.tflite")):
        images, expected = np.load(case / "images.npy"), np.load(case / "lce.npy")
        for mode, options in MODES.items():
            delegate = load_delegate(library, options)
            got = outputs_of(str(case / "model.tflite"), images, delegate)
            found = agreement(got, expected)
            good = holds(case.name.startswith("layer_"), mode, found)
            failures += not good
            line = {"case": case.name, "mode": mode, **found, "holds": good, "runtime": runtime}
            print(json.dumps(line), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
