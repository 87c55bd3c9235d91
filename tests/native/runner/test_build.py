"""The runner for old systems, where it has a start of its own."""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.native.test_kernels import find_cmake

NATIVE = Path(__file__).parents[3] / "native"
pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
        reason="old systems are Linux on x86-64 and aarch64",
    ),
    pytest.mark.skipif(not find_cmake(), reason="needs CMake"),
    pytest.mark.skipif(not any(map(shutil.which, ("c++", "g++", "clang++"))), reason="no compiler"),
    pytest.mark.skipif(not os.confstr("CS_GNU_LIBC_VERSION"), reason="needs glibc"),
]


def test_needs_no_glibc_above_2_17(tmp_path):
    for command in (
        ["-S", NATIVE, "-B", tmp_path, "-DLARQ_BVIT_OLD_GLIBC=ON", "-DLARQ_BVIT_WERROR=ON"],
        ["--build", tmp_path, "--target", "larq_bvit_runner"],
    ):
        done = subprocess.run([find_cmake(), *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    program = tmp_path / "larq_bvit_runner"
    versions = {int(x) for x in re.findall(rb"GLIBC_2\.(\d+)", program.read_bytes())}
    assert versions and max(versions) <= 17
    done = subprocess.run([program, "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("Measures a .tflite")
    # words and environment arrive; the loader and its errors work
    command = [program, "--library", "libnone.so", "--model", "m"]
    done = subprocess.run(command, capture_output=True, text=True, env={"LD_LIBRARY_PATH": "/x"})
    assert done.returncode == 2 and "got libnone.so: libnone.so: cannot open" in done.stderr
