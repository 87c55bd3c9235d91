"""Which runtimes load the delegate and compute with it what LCE does, as a table.

    python -m native.compat.matrix LIBRARY [--only NAME,...] [--keep]

Makes a virtual environment per runtime, one at a time, in build/compat, and writes
docs/compatibility.md and the .json beside it. In full about half an hour, most of it downloads.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from native.compat import page

_ROOT = Path(__file__).parents[2]
PAGE = _ROOT / "docs" / "compatibility.md"
_SECONDS = 1200  # of a runtime


@dataclass(frozen=True)
class Runtime:
    """A version of a runtime.

    Attributes:
        name: for people.
        package: what Python imports; none of the C library.
        requirements: of pip, or the npm package that holds the C library.
    """

    name: str
    package: str | None
    requirements: tuple[str, ...]

    @property
    def folder(self) -> str:
        """A name for its files."""
        return self.name.lower().replace(" ", "-")


def _tensorflow(version: str) -> Runtime:
    return Runtime(f"TensorFlow {version}", "tensorflow", (f"tensorflow-cpu=={version}",))


def _litert(version: str) -> Runtime:
    numpy = ("numpy<2",) if version == "1.0.1" else ()  # it asks for any, and was built for 1
    return Runtime(f"LiteRT {version}", "ai_edge_litert", (f"ai-edge-litert=={version}", *numpy))


# Older ones lay their structs otherwise, which the delegate sees and says.
RUNTIMES = (
    *map(_tensorflow, ("2.14.1", "2.16.2", "2.19.1", "2.21.0")),
    *map(_litert, ("1.0.1", "1.4.0", "2.0.2", "2.3.0")),
    Runtime("tflite-runtime 2.14.0", "tflite_runtime", ("tflite-runtime==2.14.0", "numpy<2")),
    Runtime("TensorFlow Lite C library 2.9", None, ("tfjs-tflite-node@0.0.2",)),
)


def try_runtime(
    runtime: Runtime, library: Path, cases: Path, folder: Path, keep: bool
) -> dict[str, Any]:
    """{"cases": ...}, or {"error": why there are none}."""
    place = folder / runtime.folder
    result = folder / f"{runtime.folder}.json"
    result.unlink(missing_ok=True)
    try:
        python, name = (_c_library if runtime.package is None else _environment)(runtime, place)
        check = Path(__file__).with_name("check.py")
        _run([python, check, name, library, cases, result])
        return json.loads(result.read_text())
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
        return {"error": str(error).strip().splitlines()[-1]}
    finally:
        if not keep:
            shutil.rmtree(place, ignore_errors=True)


def _environment(runtime: Runtime, place: Path) -> tuple[Path, str]:
    """Its Python, and the package to import."""
    assert runtime.package is not None
    python = place / "bin" / "python"
    if not (place / "installed").is_file():
        venv.create(place, clear=True, with_pip=True)
        _run([python, "-m", "pip", "install", "-q", "--no-cache-dir", *runtime.requirements])
        (place / "installed").touch()
    return python, runtime.package


def _c_library(runtime: Runtime, place: Path) -> tuple[Path, str]:
    """This Python, and the folder of the library."""
    place.mkdir(parents=True, exist_ok=True)
    if not any(place.glob("*.tgz")):
        _run(["npm", "pack", "--silent", "--pack-destination", place, *runtime.requirements])
    (archive,) = place.glob("*.tgz")
    shutil.unpack_archive(archive, place, "gztar", filter="data")
    return Path(sys.executable), str(place / "package" / "cc_deps" / "linux_amd64")


def _run(command: list[Any]) -> None:
    """Raises a RuntimeError whose last line is that of the command."""
    # the runtime alone, as its users have it
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": ""}
    words = list(map(str, command))
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=_SECONDS, env={**os.environ, **quiet}
        )
    except FileNotFoundError as error:
        raise RuntimeError(f"{words[0]} is not installed") from error
    if done.returncode < 0:
        raise RuntimeError(f"{Path(words[0]).name} ended by signal {-done.returncode}")
    if done.returncode:
        raise RuntimeError(f"{done.stderr or done.stdout or words}")


def make_cases(folder: Path) -> Path:
    """Models and what LCE computes for them, made once."""
    cases = folder / "cases"
    if not (cases / "done").is_file():
        program = _ROOT / "native" / "arm" / "make_cases.py"
        variables = {"TF_USE_LEGACY_KERAS": "1", "PYTHONPATH": str(_ROOT)}
        command = [sys.executable, str(program), str(cases)]
        subprocess.run(command, check=True, env={**os.environ, **variables})
        (cases / "done").touch()
    return cases


def main(
    library: Annotated[Path, typer.Argument(help="The delegate's library.", exists=True)],
    only: Annotated[
        str | None, typer.Option(help="Runtimes by their names.", metavar="NAME,...")
    ] = None,
    folder: Annotated[
        Path, typer.Option(help="Keeps models and environments.", metavar="DIR")
    ] = _ROOT / "build" / "compat",
    keep: Annotated[bool, typer.Option("--keep", help="Keep the environments, 1 GB each.")] = False,
    output: Annotated[Path, typer.Option(help="Page to write.", metavar="PATH.md")] = PAGE,
) -> None:
    """Try all runtimes."""
    names = only.split(",") if only else [runtime.name for runtime in RUNTIMES]
    if unknown := set(names) - {runtime.name for runtime in RUNTIMES}:
        raise typer.BadParameter(f"unknown runtimes: {', '.join(sorted(unknown))}")
    cases, about = make_cases(folder.absolute()), _about()
    results = {}
    for runtime in RUNTIMES:
        if runtime.name in names:
            found = try_runtime(runtime, library.absolute(), cases, folder.absolute(), keep)
            results[runtime.name] = {**found, "about": about}
            print(page.line(runtime.name, found), flush=True)
    page.write(output, results, [runtime.name for runtime in RUNTIMES])


def _about() -> str:
    return f"{platform.machine()}, Python {platform.python_version()}, {date.today().isoformat()}"


if __name__ == "__main__":
    typer.run(main)
