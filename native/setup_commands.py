"""Builds the delegate as a step of setup.py, and tags a wheel that holds it.

The library has a C interface and knows nothing of Python: one build serves all versions, so the
wheel is py3-none-<platform>. Where it can't be built, the package is installed without it.
LARQ_BVIT_NATIVE=1 makes that an error, LARQ_BVIT_NATIVE=0 does not even try. LARQ_BVIT_MANYLINUX=1,
for releases, makes a wheel for all systems since 2014 (manylinux_2_17), wherever it is built.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Command
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build import build

SOURCE = Path(__file__).parent
PACKAGE = Path("larq_bvit", "runtime")  # of the library, in the source tree and in a wheel
NAME = "liblarq_bvit_delegate.so"
_COMPILERS = ("c++", "g++", "clang++")
_MANYLINUX = "manylinux_2_17"


class NotBuiltError(Exception):
    """Why there is no library."""


def requirements() -> list[str]:
    """What to take from the package index: CMake and Ninja, only where the system has none.

    Nothing where it would not help.
    """
    compilers = (os.environ["CXX"].split()[0],) if os.environ.get("CXX") else _COMPILERS
    if not _wanted() or not any(map(find_program, compilers)):
        return []
    needed = [] if find_program("cmake") else ["cmake>=3.18"]
    if not find_program("make") and not find_program("ninja"):
        needed.append("ninja")
    return needed


def find_program(name: str) -> str | None:
    """On PATH, or beside this Python, as in a virtual environment that is not activated."""
    return shutil.which(name) or shutil.which(name, path=os.path.dirname(sys.executable))


def _wanted() -> bool:
    return sys.platform == "linux" and os.environ.get("LARQ_BVIT_NATIVE") != "0"


def compile_library(folder: Path) -> Path:
    """The library, built in a folder that may hold an earlier build.

    Raises:
        NotBuiltError: says why it can't be.
    """
    if sys.platform != "linux":
        raise NotBuiltError("it is for Linux")
    if not _wanted():
        raise NotBuiltError("LARQ_BVIT_NATIVE=0 says so")
    cmake = find_program("cmake")
    if cmake is None:
        raise NotBuiltError("there is no CMake")
    configure: list[str | Path] = [cmake, "-S", SOURCE, "-B", folder, "-DCMAKE_BUILD_TYPE=Release"]
    configure.append(f"-DLARQ_BVIT_OLD_GLIBC={'ON' if _for_many() else 'OFF'}")
    if not find_program("make"):
        configure += ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={find_program('ninja') or 'ninja'}"]
    cached = (folder / "CMakeCache.txt").exists()
    if not _run(configure):
        # an earlier build's cache may name tools or places that are gone
        if cached:
            shutil.rmtree(folder)
        if not cached or not _run(configure):
            raise NotBuiltError("CMake found no C++ compiler, or failed: see above")
    jobs = os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL") or str(os.cpu_count() or 1)
    target = ["--target", "larq_bvit_delegate", "--config", "Release", "--parallel", jobs]
    if not _run([cmake, "--build", folder, *target]):
        raise NotBuiltError("it failed to compile: see above")
    library = next(folder.rglob(NAME))
    if _for_many() and (newer := _newer_versions(library)):
        raise NotBuiltError(f"it needs {', '.join(newer)}, which {_MANYLINUX} has not")
    return library


def _for_many() -> bool:
    return os.environ.get("LARQ_BVIT_MANYLINUX") == "1"


def _newer_versions(library: Path) -> list[str]:
    """Versions of glibc above 2.17 that a library names."""
    names = {name.decode() for name in re.findall(rb"GLIBC_2\.\d+", library.read_bytes())}
    return sorted(name for name in names if int(name.rpartition(".")[2]) > 17)


def _run(command: list[str | Path]) -> bool:
    return subprocess.run(list(map(str, command))).returncode == 0


class BuildNative(Command):
    """A step of `build`, by setuptools' protocol for such steps."""

    description = "build the native delegate with CMake"
    user_options = [
        ("inplace", "i", "put it into the source tree; failing is an error"),
        ("build-base=", "b", "folder of intermediate files"),
        ("build-lib=", "d", "folder of the built package"),
    ]
    boolean_options = ["inplace"]

    def initialize_options(self) -> None:
        self.inplace = False
        self.editable_mode = False  # setuptools sets it
        self.build_base: str | None = None
        self.build_lib: str | None = None

    def finalize_options(self) -> None:
        same = [(name, name) for name in ("build_base", "build_lib")]
        self.set_undefined_options("build", *same)

    @property
    def built(self) -> bool:
        """Whether the library is where it belongs."""
        return self._library.is_file()

    @property
    def _library(self) -> Path:
        root = SOURCE.parent if self.inplace or self.editable_mode else Path(self.build_lib or "")
        return root / PACKAGE / NAME

    def run(self) -> None:
        try:
            compiled = compile_library(Path(self.build_base or "", "native").absolute())
        except NotBuiltError as error:
            if self.inplace or os.environ.get("LARQ_BVIT_NATIVE") == "1":
                raise SystemExit(f"error: the native delegate was not built: {error}") from error
            if not self.editable_mode:
                self._library.unlink(missing_ok=True)  # an earlier build's
            self.warn(f"larq_bvit comes without its native delegate: {error}")
            return
        self._library.parent.mkdir(parents=True, exist_ok=True)
        # A new file under the old name: processes that run the old library keep it.
        new = self._library.with_name(f".{NAME}.{os.getpid()}")
        shutil.copyfile(compiled, new)
        new.chmod(0o755)
        new.replace(self._library)

    def get_source_files(self) -> list[str]:
        """What an sdist must hold."""
        files = (path for path in sorted(SOURCE.rglob("*")) if path.is_file())
        built = (".o", ".a", ".so", ".pyc")
        return [os.path.relpath(path, SOURCE.parent) for path in files if path.suffix not in built]

    def get_outputs(self) -> list[str]:
        return [str(Path(self.build_lib or "", PACKAGE, NAME))] if self.built else []

    def get_output_mapping(self) -> dict[str, str]:
        """{file of the built package: file in the source tree}, of an editable install."""
        editable = self.editable_mode and self.built
        return {self.get_outputs()[0]: str(self._library)} if editable else {}


class Build(build):
    """With one more step."""

    sub_commands = [*build.sub_commands, ("build_native", None)]


class Wheel(bdist_wheel):
    """Named and laid out for a platform where it holds the library, else for any."""

    def run(self) -> None:
        self.run_command("build")  # super() does not repeat it
        built = self.get_finalized_command("build_native").built
        self.distribution.has_ext_modules = lambda: built
        self.root_is_pure = not built
        super().run()

    def get_tag(self) -> tuple[str, str, str]:
        _, _, platform = super().get_tag()
        if _for_many() and not self.root_is_pure:
            platform = platform.replace("linux", _MANYLINUX)
        return "py3", "none", platform


COMMANDS = {"build": Build, "build_native": BuildNative, "bdist_wheel": Wheel}
