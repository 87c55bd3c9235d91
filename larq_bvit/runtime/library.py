"""The delegate's shared library: where it lies, and its C functions beside the delegate itself."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from functools import cache
from pathlib import Path
from typing import Any

NAME = "liblarq_bvit_delegate.so"
RUNNER = "larq_bvit_runner"  # a program that times files by any TensorFlow Lite C library
VARIABLE = "LARQ_BVIT_DELEGATE"

_INSTALLED = Path(__file__).parent / NAME


def delegate_path() -> Path:
    """The library, for programs that load external TFLite delegates.

    `LARQ_BVIT_DELEGATE` names another build of it.

    Raises:
        ImportError: there is none; says why, and how to get it.
    """
    other = os.environ.get(VARIABLE)
    if other:
        if not Path(other).is_file():
            raise ImportError(f"{VARIABLE} names no file: {other}")
        return Path(other).absolute()
    if _INSTALLED.is_file():
        return _INSTALLED
    if sys.platform != "linux":
        raise ImportError(
            f"the native delegate is for Linux on x86-64 and aarch64; this is "
            f"{platform.system()} on {platform.machine()}. larq_bvit.convert.Interpreter runs the "
            f"file in LCE's interpreter"
        )
    raise ImportError(
        f"this installation has no native delegate ({_INSTALLED} is missing): it is built when "
        f"larq_bvit is installed, where CMake and a C++ compiler are found. Install these (Debian "
        f"and Ubuntu: apt install cmake g++) and larq_bvit again, with pip's -v to see the build; "
        f"in a checkout: make native"
    )


def installed(name: str) -> list[Path]:
    """The library (`NAME`) or program (`RUNNER`) of this installation; none where it has none."""
    path = Path(__file__).with_name(name)
    return [path] if path.is_file() else []


def available_isas() -> list[str]:
    """Instruction sets that the library has kernels for and this processor has, slowest first.

    Raises:
        ImportError: there is no library.
    """
    name_of = function("larq_bvit_isa", ctypes.c_char_p, ctypes.c_int)
    names: list[str] = []
    while (name := name_of(len(names))) is not None:
        names.append(name.decode())
    return names


def function(name: str, result: Any, *arguments: Any, path: Path | None = None) -> Any:
    """A C function of the library.

    Arguments:
        path: of a library that is loaded; by default the one that `loaded_path` gives.

    Raises:
        ImportError: there is no library, it can't be loaded, or lacks the function.
    """
    path = loaded_path() if path is None else path
    try:
        found = getattr(_load(path), name)
    except AttributeError:
        raise ImportError(f"{path} is of another version of larq_bvit: it has no {name}") from None
    found.restype, found.argtypes = result, arguments
    return found


def pointer_of(delegate: Any) -> int:
    """A delegate, as the library's C functions take it."""
    # private, but the one way to the C object, the same in all versions
    return delegate._get_native_delegate_pointer()


def loaded_path() -> Path:
    """The library, which this process has loaded.

    Raises:
        ImportError: there is none, or it can't be loaded.
    """
    path = delegate_path()
    try:
        _load(path)
    except OSError as error:  # names the file
        raise ImportError(f"the native delegate can't be loaded: {error}") from error
    return path


@cache
def _load(path: Path) -> ctypes.CDLL:
    return ctypes.CDLL(str(path))
