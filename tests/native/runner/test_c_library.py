"""The runner with TensorFlow Lite's own C library: what it computes, and what it tells."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from larq_bvit import runtime
from larq_bvit.bench.remote.runner import parse_runner, runner_command, runner_error
from larq_bvit.bench.results import OpTime
from larq_bvit.runtime.library import RUNNER, installed
from tests.native.zoo_files import zoo_file

ROOT = Path(__file__).parents[3]
VARIABLE = "LARQ_BVIT_C_LIBRARY"
BUILT = ROOT / "build" / "c_library" / "lib" / "libtensorflowlite_c.so"


@pytest.fixture(scope="module")
def library():
    if sys.platform != "linux":
        pytest.skip("the runner is for Linux")
    path = Path(os.environ.get(VARIABLE) or BUILT)
    if not path.is_file():
        architecture = "arm64" if platform.machine() == "aarch64" else "amd64"
        pytest.skip(
            f"no TensorFlow Lite C library: native/arm/c_library.sh build/c_library {architecture} "
            f"fetches one, {VARIABLE} names another"
        )
    return str(path)


@pytest.fixture
def run(library, tmp_path):
    """Runs the nano model; gives its process, the output's path and the image."""
    tflite, image = zoo_file("binaryvit_nano")
    (tmp_path / "model.tflite").write_bytes(tflite)
    image.tofile(tmp_path / "in.bin")

    def run_model(**arguments):
        command = runner_command(
            str(installed(RUNNER)[0]),
            library=library,
            model=str(tmp_path / "model.tflite"),
            input=str(tmp_path / "in.bin"),
            output=str(tmp_path / "out.bin"),
            runs=3,
            seconds=0,
            **arguments,
        )
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    return run_model


@pytest.mark.parametrize("isa", ["portable", "avx2", "avx512", "neon"])
def test_computes_as_in_python_to_the_last_bit(run, tmp_path, isa):
    if isa not in runtime.available_isas():
        pytest.skip(f"this processor has no {isa}")
    done = run(delegate=str(runtime.delegate_path()), delegate_options={"isa": isa})
    assert done.returncode == 0, done.stderr
    tflite, image = zoo_file("binaryvit_nano")
    interpreter = runtime.Interpreter(tflite, isa=isa)
    expected = interpreter.predict(image)
    found = parse_runner(done.stdout)
    got = np.fromfile(tmp_path / "out.bin", np.float32).reshape(found.outputs[0].shape)
    np.testing.assert_array_equal(got, expected)
    assert found.activation_bytes == interpreter.activation_bytes
    assert found.inputs[0].shape == image.shape and found.inputs[0].type == "float32"


def test_profile_has_the_steps_that_python_tells(run):
    done = run(delegate=str(runtime.delegate_path()), profile=True)
    found = parse_runner(done.stdout)
    tflite, image = zoo_file("binaryvit_nano")
    rows = runtime.Interpreter(tflite).profile(image, repeats=1).rows
    known = [OpTime.of_step(row.name, row.kind, 0.0) for row in rows]  # as of this machine's
    assert [(x.name, x.kind) for x in found.profile] == [(x.name, x.kind) for x in known]
    total = sum(row.milliseconds for row in found.profile)
    assert total == pytest.approx(1e3 * np.mean(found.runs), rel=1e-6)


def test_without_the_delegate(run):
    done = run()
    assert done.returncode == 2 and not done.stdout
    assert "with custom operator LceQuantize: pass --delegate" in runner_error(done.stderr)


def test_an_option_that_the_delegate_refuses(run):
    done = run(delegate=str(runtime.delegate_path()), delegate_options={"isa": "mips"})
    assert done.returncode == 2
    assert runner_error(done.stderr).endswith("on this processor; got 'mips'")
