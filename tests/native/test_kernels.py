"""The kernels' own tests, built here with the compiler at hand: native/tests."""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "native" / "tests"
PROGRAMS = (
    "check",
    "bgemm",
    "tiles",
    "sign",
    "pack_weights",
    "dispatch",
    "chain",
    "chain_maps",
    "nan",
)
# What /proc/cpuinfo says of a processor that has all of an instruction set.
FLAGS = {
    "portable": set(),
    "avx2": {"avx2", "fma", "f16c"},
    "avx512": {"avx2", "avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512_vpopcntdq"},
    "neon": {"asimd"},
}


def find_cmake() -> str:
    """On PATH, or beside this Python, as in a virtual environment that is not activated; or ""."""
    beside = os.path.dirname(sys.executable)
    return shutil.which("cmake") or shutil.which("cmake", path=beside) or ""


pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the guard pages are Linux's"),
    pytest.mark.skipif(not find_cmake(), reason="needs CMake"),
    pytest.mark.skipif(not any(map(shutil.which, ("c++", "g++", "clang++"))), reason="no compiler"),
]


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """The folder of the built test programs."""
    folder = tmp_path_factory.mktemp("kernels")
    for command in (["-S", SOURCE, "-B", folder], ["--build", folder, "--parallel", "2"]):
        done = subprocess.run([find_cmake(), *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def run(build, program) -> str:
    done = subprocess.run([build / f"test_{program}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_program_passes(build, program):
    assert f"{program}: passed" in run(build, program)


def test_every_program_is_run(build):
    assert {path.name for path in build.glob("test_*") if path.is_file()} == {
        f"test_{program}" for program in PROGRAMS
    }


@pytest.mark.parametrize("program", [p for p in PROGRAMS if p not in ("check", "pack_weights")])
def test_everything_that_the_processor_has_was_covered(build, program):
    """By the kernel's account, which owes nothing to our detection."""
    info = Path("/proc/cpuinfo").read_text()
    (line, *_) = re.findall(r"^(?:flags|Features)\s*:(.*)$", info, re.M)
    flags = set(line.split())
    foreign = "neon" if platform.machine() == "x86_64" else "avx2"
    expected = {isa for isa, needs in FLAGS.items() if needs <= flags and isa != foreign}
    assert set(run(build, program).split("covered:")[1].split()) == expected


@pytest.mark.skipif(shutil.which("nm") is None, reason="needs nm")
def test_no_symbol_of_an_instruction_set_can_replace_a_common_one(build):
    """A linker keeps any one of several copies of an inline function.

    If that copy came from a file compiled for AVX-512, it would run on processors without.
    """
    objects = [
        *build.rglob("*_avx2.cc.o"),
        *build.rglob("*_avx512.cc.o"),
        *build.rglob("*_neon.cc.o"),
    ]
    assert objects or platform.machine() not in {"x86_64", "aarch64"}
    for path in objects:
        symbols = subprocess.run(
            ["nm", "--defined-only", path], capture_output=True, text=True, check=True
        ).stdout
        assert symbols and not re.findall(r"^\S+ [wWvVu] .*$", symbols, re.M), path.name
