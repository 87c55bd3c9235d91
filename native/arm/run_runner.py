"""Runs the cases of make_cases.py by the runner in a TensorFlow Lite C library.

python -m native.arm.run_runner FOLDER LIBRARY DELEGATE COMMAND...

COMMAND is the runner with what starts it, such as an emulator. Prints a line per case and mode, for
its first image, and fails where an output differs by more than run_cases.py allows.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from larq_bvit.bench.remote.runner import RunnerOutput, parse_runner, runner_command
from native.arm.run_cases import MODES, agreement, holds

_SECONDS = 300  # of a run under emulation


def run(
    command: list[str], library: str, delegate: str, case: Path, mode: str
) -> tuple[RunnerOutput, np.ndarray]:
    """What the runner tells, and output 0."""
    with tempfile.TemporaryDirectory() as name:
        given, got = Path(name, "input.bin"), Path(name, "output.bin")
        np.load(case / "images.npy")[:1].tofile(given)
        words = runner_command(
            command[-1],
            library=library,
            model=str(case / "model.tflite"),
            delegate=delegate,
            delegate_options=MODES[mode],
            warmup_runs=0,
            runs=1,
            seconds=0,
            input=str(given),
            output=str(got),
        )
        done = subprocess.run(
            [*command[:-1], *words], capture_output=True, text=True, timeout=_SECONDS
        )
        if done.returncode:
            raise SystemExit(f"error: {case.name}: status {done.returncode}: {done.stderr}")
        told = parse_runner(done.stdout)
        return told, np.fromfile(got, np.float32).reshape(told.outputs[0].shape)


def main(folder: str, library: str, delegate: str, *command: str) -> int:
    """0 where all agree."""
    cases = sorted(path.parent for path in Path(folder).glob("*/model.tflite"))
    good = bool(cases)
    for case in cases:
        for mode in MODES:
            told, output = run([*command], library, delegate, case, mode)
            found = agreement(output[0], np.load(case / "lce.npy")[0])
            fits = holds(case.name.startswith("layer_"), mode, found)
            difference = "equal" if found["equal"] else f"relative {found['relative']:.1e}"
            verdict = "" if fits else "  TOO FAR"
            print(
                f"  {told.tflite_version} {case.name:48} {mode:6} {difference}{verdict}", flush=True
            )
            good = good and fits
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
