"""The native delegate as a step of setup.py: a project with a small library in its place."""

import ctypes
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAME = "liblarq_bvit_delegate.so"
RUNNER = "larq_bvit_runner"
PIP = ("-m", "pip", "-v", "--disable-pip-version-check")
OFFLINE = ("--no-deps", "--no-build-isolation", "--no-index", "--no-cache-dir")
CMAKE = """\
cmake_minimum_required(VERSION 3.16)
project(larq_bvit_delegate CXX)
add_library(larq_bvit_delegate SHARED src/answer.cc)
add_executable(larq_bvit_runner src/answer.cc)
target_link_options(larq_bvit_runner PRIVATE -nostartfiles -Wl,-e,answer)
"""
ANSWER = 'extern "C" int answer() { return %d; }\n'


def missing():
    tools = ["cmake", os.environ.get("CXX", "c++")]
    beside = os.path.dirname(sys.executable)
    return [t for t in tools if not (shutil.which(t) or shutil.which(t, path=beside))]


pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the delegate is for Linux"),
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}"),
]


def run(*arguments, cwd, **variables):
    """Python in a new process, with variables of the environment; None: without it."""
    environment = {**os.environ, "PYTHONPATH": None, "LARQ_BVIT_NATIVE": None, **variables}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def project(tmp_path):
    """A package of a few files that builds as ours does."""
    folder = tmp_path / "project"
    (folder / "native" / "src").mkdir(parents=True)
    (folder / "larq_bvit" / "runtime").mkdir(parents=True)
    for name in ("setup.py", "pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copy(ROOT / "native" / "setup_commands.py", folder / "native")
    (folder / "native" / "CMakeLists.txt").write_text(CMAKE)
    (folder / "native" / "src" / "answer.cc").write_text(ANSWER % 42)
    (folder / "larq_bvit" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (folder / "larq_bvit" / "runtime" / "__init__.py").touch()
    return folder


def build_wheel(source, **variables):
    """(the wheel's tag, its files, pip's log)."""
    out = source.parent / "wheels"
    shutil.rmtree(out, ignore_errors=True)
    result = run(*PIP, "wheel", *OFFLINE, "-w", out, source, cwd=source.parent, **variables)
    assert result.returncode == 0, result.stdout + result.stderr
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(out / "unpacked")
        names = file.namelist()
    return wheel.stem.split("-", 2)[2], names, result.stdout + result.stderr


def answer(library):
    return ctypes.CDLL(str(library)).answer()


def without_compiler(tmp_path):
    """A PATH that holds CMake, but nothing to compile with."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    cmake = shutil.which("cmake")
    if cmake is None:
        pytest.skip("CMake is the index's, which needs its Python's PATH")
    link = tmp_path / "bin" / "cmake"
    if not link.exists():
        link.symlink_to(cmake)
    return {"PATH": str(tmp_path / "bin"), "CXX": None, "CC": None}


def test_wheel(project):
    tag, names, _ = build_wheel(project)
    assert tag.startswith("py3-none-linux_")
    unpacked = project.parent / "wheels" / "unpacked"
    library = unpacked / "larq_bvit" / "runtime" / NAME
    assert answer(library) == 42
    (wheel,) = unpacked.parent.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:  # pip keeps a program's mode
        assert file.getinfo(f"larq_bvit/runtime/{RUNNER}").external_attr >> 16 & 0o111
    assert not [name for name in names if name.startswith("native") or name.endswith(".cc")]
    (metadata,) = unpacked.glob("*.dist-info/WHEEL")
    assert "Root-Is-Purelib: false" in metadata.read_text()


def glibc():
    """Of this system, such as (2, 36)."""
    name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    return tuple(map(int, version.split("."))) if name == "glibc" else (0,)


def test_wheel_for_many_systems(project):
    tag, _, _ = build_wheel(project, LARQ_BVIT_MANYLINUX="1")
    assert tag == f"py3-none-manylinux_2_17_{os.uname().machine}"
    tag, _, _ = build_wheel(project, LARQ_BVIT_MANYLINUX="1", LARQ_BVIT_NATIVE="0")
    assert tag == "py3-none-any"


@pytest.mark.skipif(glibc() < (2, 34), reason="threads have no newer version here")
def test_what_old_systems_lack_is_no_wheel_for_them(project):
    source = project / "native" / "src" / "answer.cc"
    declared = 'extern "C" int pthread_join(long, void**);\n'
    source.write_text(declared + "int join() { return pthread_join(0, 0); }\n" + ANSWER % 42)
    tag, _, log = build_wheel(project, LARQ_BVIT_MANYLINUX="1")
    assert tag == "py3-none-any" and "it needs GLIBC_2.34, which manylinux_2_17 has not" in log
    header = ROOT / "native" / "src" / "base" / "old_glibc.h"
    option = f'set(CMAKE_CXX_FLAGS "-DLARQ_BVIT_OLD_GLIBC -include stdlib.h -include {header}")\n'
    (project / "native" / "CMakeLists.txt").write_text(CMAKE.replace("add_", option + "add_"))
    tag, _, _ = build_wheel(project, LARQ_BVIT_MANYLINUX="1")
    assert tag.startswith("py3-none-manylinux_2_17_")


def test_sdist_holds_the_sources(project):
    (project / "native" / "src" / "left.o").touch()
    build = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    out = project.parent / "sdist"
    result = run("-c", build, out, cwd=project)
    assert result.returncode == 0, result.stderr
    (sdist,) = out.glob("*.tar.gz")
    with tarfile.open(sdist) as file:
        files = [member.name for member in file.getmembers() if member.isfile()]
    native = sorted(name.partition("/")[2] for name in files if "/native/" in name)
    assert native == ["native/CMakeLists.txt", "native/setup_commands.py", "native/src/answer.cc"]
    tag, names, _ = build_wheel(sdist)
    assert tag.startswith("py3-none-linux_") and f"larq_bvit/runtime/{NAME}" in names


def test_builds_again_after_a_change_and_forgets_what_no_longer_compiles(project):
    build_wheel(project)
    source = project / "native" / "src" / "answer.cc"
    source.write_text(ANSWER % 43)
    build_wheel(project)
    library = project.parent / "wheels" / "unpacked" / "larq_bvit" / "runtime" / NAME
    assert answer(library) == 43
    source.write_text("nonsense")
    tag, names, log = build_wheel(project)
    assert tag == "py3-none-any" and not {f"larq_bvit/runtime/{x}" for x in (NAME, RUNNER)} & {
        *names
    }
    assert "comes without its native delegate: it failed to compile" in log


def test_without_a_compiler(project, tmp_path):
    tag, names, log = build_wheel(project, **without_compiler(tmp_path))
    assert tag == "py3-none-any" and "larq_bvit/runtime/__init__.py" in names
    assert not [name for name in names if name.endswith(".so")]
    assert "comes without its native delegate: CMake found no C++ compiler" in log


def test_without_the_sources(project):
    shutil.rmtree(project / "native")
    tag, names, _ = build_wheel(project)
    assert tag == "py3-none-any" and "larq_bvit/runtime/__init__.py" in names


def test_the_variable(project, tmp_path):
    tag, _, log = build_wheel(project, LARQ_BVIT_NATIVE="0")
    assert tag == "py3-none-any" and "LARQ_BVIT_NATIVE=0 says so" in log
    assert not (project / "build" / "native").exists()
    wanted = {"LARQ_BVIT_NATIVE": "1", **without_compiler(tmp_path)}
    result = run(*PIP, "wheel", *OFFLINE, "-w", tmp_path / "out", project, cwd=tmp_path, **wanted)
    assert result.returncode != 0 and not list(tmp_path.glob("out/*.whl"))
    assert "error: the native delegate was not built: CMake found no" in result.stderr


def test_in_place(project, tmp_path):
    library = project / "larq_bvit" / "runtime" / NAME
    command = "setup.py", "-q", "build_native", "--inplace"
    assert run(*command, cwd=project).returncode == 0
    assert answer(library) == 42
    loaded = library.stat().st_ino
    (project / "native" / "src" / "answer.cc").write_text(ANSWER % 43)
    assert run(*command, cwd=project).returncode == 0
    assert library.stat().st_ino != loaded  # who has loaded the old file keeps it
    assert sorted(os.listdir(library.parent)) == ["__init__.py", RUNNER, NAME]
    library.rename(tmp_path / "new.so")
    assert answer(tmp_path / "new.so") == 43
    (project / "native" / "src" / "answer.cc").write_text("nonsense")
    result = run(*command, cwd=project)
    assert result.returncode == 1 and "it failed to compile" in result.stderr
    assert not library.exists()


def test_an_earlier_build_elsewhere_does_not_disturb(project):
    build_wheel(project)
    moved = project.with_name("moved")
    project.rename(moved)
    assert build_wheel(moved)[0].startswith("py3-none-linux_")


@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_editable(project, mode):
    """By the hook that pip calls; the wheel holds a path, or links, to the source tree."""
    code = f"""
from setuptools import build_meta
build_meta.build_editable("..", {{"editable_mode": {mode!r}}})
"""
    result = run("-c", code, cwd=project)
    assert result.returncode == 0, result.stderr
    assert answer(project / "larq_bvit" / "runtime" / NAME) == 42
    for name in (NAME, RUNNER):
        links = list(project.glob(f"build/__editable__*/larq_bvit/runtime/{name}"))
        assert bool(links) == (mode == "strict")
    assert (project / "build" / "native" / "CMakeCache.txt").exists()  # kept for the next build


def test_asks_the_index_for_what_the_system_lacks(project, tmp_path):
    code = "import sys; sys.path.insert(0, 'native'); import setup_commands as s; "
    code += "s.find_program = lambda n: None if n in sys.argv[1:] else n; "
    code += "s.find_cmake = lambda: s.find_program('cmake'); print(s.requirements())"
    for lacking, needed in (
        ([], "[]"),
        (["cmake"], "['cmake>=3.18']"),
        (["cmake", "make", "ninja"], "['cmake>=3.18', 'ninja']"),
        (["make"], "[]"),
        (["cmake", "c++", "g++", "clang++"], "[]"),
    ):
        result = run("-c", code, *lacking, cwd=project, CXX=None)
        assert result.stdout.strip() == needed, result.stderr
    asked = run("-c", code, "cmake", cwd=project, LARQ_BVIT_NATIVE="0")
    assert asked.stdout.strip() == "[]"


@pytest.mark.parametrize("version", ["3.16.3", "3.18.0", "4.1.2", "none"])
def test_an_old_cmake_is_none(project, tmp_path, version):
    """As that of Ubuntu 20.04, which comes first on PATH."""
    program = tmp_path / "bin" / "cmake"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho cmake version {version}\n")
    program.chmod(0o755)
    code = "import sys; sys.path.insert(0, 'native'); import setup_commands as s; "
    code += "sys.executable = '/nowhere/python'; print(s.find_cmake())"
    result = run("-c", code, cwd=project, PATH=f"{program.parent}:/usr/bin:/bin")
    expected = program if version in ("3.18.0", "4.1.2") else None
    assert result.stdout.strip() == str(expected), result.stderr
