"""Builds the delegate and its runner as a step of setup.py, and tags a wheel that holds them.

The library has a C interface and knows nothing of Python: one build serves all versions, so the
wheel is py3-none-<platform>. Where it can't be built, the package is installed without both.
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
PACKAGE = Path("larq_bvit", "runtime")  # of the files, in the source tree and in a wheel
FILES = {"larq_bvit_delegate": "liblarq_bvit_delegate.so", "larq_bvit_runner": "larq_bvit_runner"}
_CMAKE = 3, 18  # as CMakeLists.txt asks for
_COMPILERS = ("c++", "g++", "clang++")
_MANYLINUX = "manylinux_2_17"


class NotBuiltError(Exception):
    """Why there are no files."""


def requirements() -> list[str]:
    """What to take from the package index: CMake and Ninja, only where the system has none, or
    an older CMake.

    Nothing where it would not help.
    """
    compilers = (os.environ["CXX"].split()[0],) if os.environ.get("CXX") else _COMPILERS
    if not _wanted() or not any(map(find_program, compilers)):
        return []
    needed = [] if find_cmake() else [f"cmake>={_CMAKE[0]}.{_CMAKE[1]}"]
    if not find_program("make") and not find_program("ninja"):
        needed.append("ninja")
    return needed


def find_program(name: str) -> str | None:
    """On PATH, or beside this Python, as in a virtual environment that is not activated."""
    return shutil.which(name) or shutil.which(name, path=os.path.dirname(sys.executable))


def find_cmake() -> str | None:
    """One that is new enough for CMakeLists.txt: the first on PATH, or that of this Python."""
    for path in (
        shutil.which("cmake"),
        shutil.which("cmake", path=os.path.dirname(sys.executable)),
    ):
        if path is not None and _version(path) >= _CMAKE:
            return path
    return None


def _version(cmake: str) -> tuple[int, int]:
    """(0, 0) where it does not say."""
    try:
        told = subprocess.run([cmake, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return 0, 0
    found = re.search(r"version (\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _wanted() -> bool:
    return sys.platform == "linux" and os.environ.get("LARQ_BVIT_NATIVE") != "0"


def compile_files(folder: Path) -> list[Path]:
    """`FILES`, built in a folder that may hold an earlier build.

    Raises:
        NotBuiltError: says why it can't be.
    """
    if sys.platform != "linux":
        raise NotBuiltError("it is for Linux")
    if not _wanted():
        raise NotBuiltError("LARQ_BVIT_NATIVE=0 says so")
    cmake = find_cmake()
    if cmake is None:
        raise NotBuiltError(f"there is no CMake of version {_CMAKE[0]}.{_CMAKE[1]} or newer")
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
    target = ["--target", *FILES, "--config", "Release", "--parallel", jobs]
    if not _run([cmake, "--build", folder, *target]):
        raise NotBuiltError("it failed to compile: see above")
    files = [next(folder.rglob(name)) for name in FILES.values()]
    for file in files:
        if _for_many() and (newer := _newer_versions(file)):
            raise NotBuiltError(f"it needs {', '.join(newer)}, which {_MANYLINUX} has not")
    return files


def _for_many() -> bool:
    return os.environ.get("LARQ_BVIT_MANYLINUX") == "1"


def _newer_versions(file: Path) -> list[str]:
    """Versions of glibc above 2.17, and features of newer ones, that a library or program names."""
    found = re.findall(rb"GLIBC_(?:2\.\d+|ABI_\w+)", file.read_bytes())
    names = {name.decode() for name in found}
    return sorted(n for n in names if "_ABI_" in n or int(n.rpartition(".")[2]) > 17)


def _run(command: list[str | Path]) -> bool:
    return subprocess.run(list(map(str, command))).returncode == 0


class BuildNative(Command):
    """A step of `build`, by setuptools' protocol for such steps."""

    description = "build the native delegate and its runner with CMake"
    user_options = [
        ("inplace", "i", "put them into the source tree; failing is an error"),
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
        """Whether the files are where they belong."""
        return all(path.is_file() for path in self._places)

    @property
    def _places(self) -> list[Path]:
        root = SOURCE.parent if self.inplace or self.editable_mode else Path(self.build_lib or "")
        return [root / PACKAGE / name for name in FILES.values()]

    def run(self) -> None:
        try:
            compiled = compile_files(Path(self.build_base or "", "native").absolute())
        except NotBuiltError as error:
            if self.inplace or os.environ.get("LARQ_BVIT_NATIVE") == "1":
                raise SystemExit(f"error: the native delegate was not built: {error}") from error
            if not self.editable_mode:
                for place in self._places:
                    place.unlink(missing_ok=True)  # an earlier build's
            self.warn(f"larq_bvit comes without its native delegate: {error}")
            return
        for file, place in zip(compiled, self._places, strict=True):
            place.parent.mkdir(parents=True, exist_ok=True)
            # A new file under the old name: processes that run the old library keep it.
            new = place.with_name(f".{place.name}.{os.getpid()}")
            shutil.copyfile(file, new)
            new.chmod(0o755)
            new.replace(place)

    def get_source_files(self) -> list[str]:
        """What an sdist must hold."""
        files = (path for path in sorted(SOURCE.rglob("*")) if path.is_file())
        built = (".o", ".a", ".so", ".pyc")
        return [os.path.relpath(path, SOURCE.parent) for path in files if path.suffix not in built]

    def get_outputs(self) -> list[str]:
        names = FILES.values() if self.built else ()
        return [str(Path(self.build_lib or "", PACKAGE, name)) for name in names]

    def get_output_mapping(self) -> dict[str, str]:
        """{file of the built package: file in the source tree}, of an editable install."""
        if not self.editable_mode:
            return {}
        return dict(zip(self.get_outputs(), map(str, self._places), strict=False))


class Build(build):
    """With one more step."""

    sub_commands = [*build.sub_commands, ("build_native", None)]


class Wheel(bdist_wheel):
    """Named and laid out for a platform where it holds the files, else for any."""

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
