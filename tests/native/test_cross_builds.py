"""The library and its kernels for other processors, where there are tools to build for them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.long import long_test
from tests.native.test_kernels import find_cmake

NATIVE = Path(__file__).parents[2] / "native"
ARM = ("aarch64-linux-gnu-g++", "qemu-aarch64")
ANDROID = ("clang", "ld.lld", "llvm-readelf", "llvm-nm")


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(
        bool(missing) or not find_cmake(), reason=f"needs CMake and {', '.join(programs)}"
    )


def run(*command: object) -> subprocess.CompletedProcess:
    path = os.pathsep.join([os.environ["PATH"], str(Path(find_cmake()).parent)])
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, env={**os.environ, "PATH": path}
    )


@long_test("minutes")
@needs(*ARM)
def test_kernels_pass_on_emulated_aarch64(tmp_path):
    toolchain = f"-DCMAKE_TOOLCHAIN_FILE={NATIVE / 'arm' / 'toolchain.cmake'}"
    for command in (
        ["-S", NATIVE / "tests", "-B", tmp_path, toolchain],
        ["--build", tmp_path, "--parallel", "2"],
    ):
        done = run(find_cmake(), *command)
        assert done.returncode == 0, done.stdout + done.stderr
    done = run(Path(find_cmake()).with_name("ctest"), "--test-dir", tmp_path, "--verbose")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bgemm: passed; covered: portable neon" in done.stdout


@pytest.fixture(scope="module")
def android(tmp_path_factory):
    """Android's library, and what its build says."""
    folder = tmp_path_factory.mktemp("android")
    done = run(NATIVE / "android" / "build.sh", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "liblarq_bvit_delegate.so", done.stdout


def compiled_here(tmp_path: Path, name: str, *options: str) -> Path:
    source = tmp_path / "other.c"
    source.write_text("int larq_bvit_other(void) { return 1; } int stray(void) { return 2; }")
    assert run("clang", *options, source, "-o", tmp_path / name).returncode == 0
    return tmp_path / name


@needs(*ANDROID)
def test_android_needs_nothing_but_its_libc(android):
    library, said = android
    assert library.is_file()
    assert "needed libraries: libc.so\n" in said


@needs(*ANDROID)
def test_a_library_for_this_machine_is_none_for_android(android, tmp_path):
    library = compiled_here(tmp_path, "other.so", "-shared", "-fPIC")
    done = run(NATIVE / "android" / "check.sh", library)
    assert done.returncode == 1
    for what in ("machine", "needed libraries", "its own name", "functions that it shows"):
        assert f"error: {what}" in done.stderr


@needs(*ANDROID)
def test_android_has_a_runner_with_its_loader(android):
    library, said = android
    assert (library.parent / "larq_bvit_runner").stat().st_mode & 0o111
    assert "needed libraries: libc.so libdl.so\nits loader: /system/bin/linker64\n" in said


@needs(*ANDROID)
def test_a_program_for_this_machine_is_none_for_android(tmp_path):
    program = compiled_here(tmp_path, "other", "-nostdlib", "-no-pie", "-Wl,-e,stray")
    done = run(NATIVE / "android" / "check_runner.sh", program)
    assert done.returncode == 1
    for what in ("machine", "kind", "needed libraries", "its loader"):
        assert f"error: {what}" in done.stderr
