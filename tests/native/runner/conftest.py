"""The runner beside a library that stands for TensorFlow Lite's."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from larq_bvit.bench.remote.runner import runner_command
from larq_bvit.runtime.library import RUNNER, installed

FAKE = Path(__file__).with_name("fake_tflite.c")
VARIANTS = {
    "lite": (),
    "silent": ("-DWITHOUT_REPORTER",),
    "partial": ("-DWITHOUT_VERSION",),
    "delegate": ("-DWITH_DELEGATE",),
    "hungry": ("-DHUNGRY",),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Fake libraries, and the runner."""
    place = tmp_path_factory.mktemp("runner")
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs Linux and a C compiler")
    for name, defines in VARIANTS.items():
        command = [compiler, "-shared", "-fPIC", "-w", *defines, FAKE, "-o", place / f"{name}.so"]
        subprocess.run(command, check=True)
    programs = installed(RUNNER)
    if not programs:
        pytest.skip(f"this installation has no {RUNNER}; make native")
    shutil.copy(programs[0], place)
    return place


@pytest.fixture
def run(folder, tmp_path):
    """Runs a model of these lines; arguments are those of `runner_command`, and more words."""

    def run_model(lines="", *words, library="lite.so", **arguments):
        model = tmp_path / "model.tflite"
        content = lines if isinstance(lines, bytes) else lines.encode()
        model.write_bytes(b"1234TFL3\n" + content)
        arguments = {"runs": 1, "seconds": 0, "library": str(folder / library), **arguments}
        command = runner_command(
            str(folder / "larq_bvit_runner"), **{"model": str(model), **arguments}
        )
        return subprocess.run([*command, *words], capture_output=True, cwd=folder, timeout=60)

    return run_model
