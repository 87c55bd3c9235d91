"""TensorFlow Lite's C library for a machine: a .so as it is, or out of an AAR."""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path

from larq_bvit.bench.remote.elf import machine_of, read_elf
from larq_bvit.bench.remote.elf_symbols import exports

FUNCTION = "TfLiteInterpreterCreate"  # all of its versions have it

_MOST_ENTRIES = 10_000
_MOST_BYTES = 2**28  # of a library, which has 3 to 30 MB
_IN_ARCHIVE = re.compile(r"(?:jni|lib)/(?P<abi>[\w.-]+)/(?P<name>[\w.+-]+\.so)")  # of AAR and APK
# {as `uname -m` tells: Android's name}
_ANDROID = {
    "aarch64": "arm64-v8a",
    "arm64": "arm64-v8a",
    "armv7l": "armeabi-v7a",
    "armv8l": "armeabi-v7a",
    "i686": "x86",
}


def tflite_library(path: Path, abi: str, folder: Path | None = None) -> Path:
    """A TensorFlow Lite C library that can be opened on a machine.

    Arguments:
        path: a .so, or an AAR or other zip with `jni/ABI/*.so` in it.
        abi: of the machine, as Android or `uname -m` names it.
        folder: where to put what comes out of an archive; a temporary one without it, which ends
            with this process.

    Raises:
        ValueError: there is no such library in it, or none for this machine; says what there is.
    """
    try:
        elf = read_elf(path)
    except OSError as error:
        raise ValueError(
            f"expected a TensorFlow Lite C library (.so or .aar); got {path}: {error.strerror}"
        ) from error
    if elf is None and not zipfile.is_zipfile(path):
        raise ValueError(
            f"expected a TensorFlow Lite C library (.so), or an .aar with it; got {path}, which is "
            f"neither an ELF file nor a zip archive"
        )
    if elf is None:
        path = _from_archive(path, abi, folder)
    else:
        _with_api({path.name: path.read_bytes()}, str(path))
    return _for_machine(path, abi)


def _for_machine(library: Path, abi: str) -> Path:
    elf = read_elf(library)
    machine = "no ELF file" if elf is None else elf.machine
    if machine != machine_of(abi):
        raise ValueError(
            f"expected a library for {abi} ({machine_of(abi)}); got {library}, which is for "
            f"{machine}: give TensorFlow Lite's C library of this machine"
        )
    return library


def _from_archive(path: Path, abi: str, folder: Path | None) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _entries(archive, path)
            wanted = _of_abi(entries, path, abi)
            libraries = {info.filename: archive.read(info) for info in wanted}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise ValueError(f"expected a whole .aar; got {path}: {error}") from error
    except (RuntimeError, NotImplementedError) as error:  # a password, an unknown compression
        raise ValueError(f"expected an .aar that can be unpacked; got {path}: {error}") from error
    name = _with_api(libraries, f"{path}, for {abi}")
    there = (folder or _temporary()) / name.rpartition("/")[2]
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_bytes(libraries[name])
    return there


def _entries(archive: zipfile.ZipFile, path: Path) -> dict[str, list[zipfile.ZipInfo]]:
    """{ABI: libraries}."""
    if len(archive.infolist()) > _MOST_ENTRIES:
        raise ValueError(
            f"expected an .aar of at most {_MOST_ENTRIES} files; got {path} of "
            f"{len(archive.infolist())}"
        )
    found: dict[str, list[zipfile.ZipInfo]] = {}
    for info in archive.infolist():
        if match := _IN_ARCHIVE.fullmatch(info.filename):
            found.setdefault(match["abi"], []).append(info)
    return found


def _of_abi(
    entries: dict[str, list[zipfile.ZipInfo]], path: Path, abi: str
) -> list[zipfile.ZipInfo]:
    """Libraries for a machine, together no larger than one may be."""
    if not entries:
        raise ValueError(f"expected an .aar with libraries (jni/ABI/*.so); got {path} with none")
    wanted = entries.get(abi) or entries.get(_ANDROID.get(abi, abi))
    if wanted is None:
        raise ValueError(
            f"expected a library for {abi}; got {path}, which is for {', '.join(sorted(entries))}"
        )
    size = sum(info.file_size for info in wanted)  # more is never read of it
    if size > _MOST_BYTES:
        raise ValueError(
            f"expected libraries of at most {_MOST_BYTES >> 20} MiB for {abi}; got {path} with "
            f"{size >> 20} MiB: not unpacked"
        )
    return wanted


def _with_api(libraries: dict[str, bytes], where: str) -> str:
    """The name of the library that has the C API."""
    for name, content in sorted(libraries.items()):
        try:
            if exports(content, FUNCTION):
                return name
        except ValueError as error:
            raise ValueError(f"{name} in {where}: {error}") from error
    raise ValueError(
        f"expected TensorFlow Lite's C API ({FUNCTION}); got {where}, where "
        f"{', '.join(sorted(libraries))} has it not: give libtensorflowlite_c.so, or TensorFlow "
        f"Lite's .aar"
    )


def _temporary() -> Path:
    folder = tempfile.mkdtemp(prefix="larq_bvit_")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def has_xnnpack(library: Path) -> bool:
    """Whether a C library was built with XNNPACK, its default delegate where it is there."""
    return b"XNNPack" in library.read_bytes()
