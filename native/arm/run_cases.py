"""Runs the cases of make_cases.py in a stock LiteRT with the delegate; on aarch64, in an emulator.

python run_cases.py LIBRARY FOLDER RESULTS

Needs numpy and ai-edge-litert, nothing of larq_bvit. Prints a line per case and mode, writes
RESULTS, JSON lines, and fails where outputs differ: those of single binary convolutions at all, in
the exact mode; those of whole models by more than signs on rounding edges explain, as float
operators round differently here.
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


def check(library: str, case: Path, mode: str) -> dict:
    images, expected = np.load(case / "images.npy"), np.load(case / "lce.npy")
    delegate = load_delegate(library, MODES[mode])
    found = agreement(outputs_of(str(case / "model.tflite"), images, delegate), expected)
    good = holds(case.name.startswith("layer_"), mode, found)
    return {"case": case.name, "mode": mode, **found, "holds": good}


def main(library: str, folder: str, results: str) -> int:
    cases = sorted(path.parent for path in Path(folder).glob("*/model.tflite"))
    runtime = f"LiteRT {version('ai-edge-litert')} on {platform.machine()}"
    print(f"{runtime}: {len(cases)} cases", flush=True)
    lines = []
    for case in cases:
        for mode in MODES:
            found = check(library, case, mode)
            lines.append({**found, "runtime": runtime})
            difference = "equal" if found["equal"] else f"relative {found['relative']:.1e}"
            verdict = "" if found["holds"] else "  TOO FAR"
            print(f"  {case.name:48} {mode:6} {difference}{verdict}", flush=True)
    Path(results).write_text("".join(json.dumps(line) + "\n" for line in lines))
    return 0 if lines and all(line["holds"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
