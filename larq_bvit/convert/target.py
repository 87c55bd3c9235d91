"""Deployment targets: what a .tflite must look like where it will run.

The targets that come with the package are the TOML files of the root folder `convert`.
"""

import os
from dataclasses import dataclass, fields
from pathlib import Path

from larq_bvit._toml import from_table, read_toml, unknown
from larq_bvit.artifacts import artifacts

_CHOICES = {
    "runtime": ("lce", "delegate"),
    "input_type": ("float32", "int8", "uint8"),
    "output_type": ("float32", "int8", "uint8"),
    "float_storage": ("float32", "float16"),
}
_IN_TOML = {str: "a string", bool: "true or false", int: "an integer"}


@dataclass(frozen=True)
class Target:
    """Where a model is deployed to.

    Attributes:
        name: of the TOML file, without its suffix.
        description: one line, for lists.
        runtime: "lce", Larq Compute Engine's, or "delegate", a stock one with ours; the file is the
            same.
        input_type: "float32", "int8" or "uint8".
        output_type: "float32", or of probabilities "int8" or "uint8".
        include_preprocessing: whether the .tflite takes RGB pixels, 0 to 255 (int8: pixel - 128),
            and normalises them itself.
        float_storage: how float constants are stored, "float32" or "float16"; the runtime widens
            float16 when it loads the file.
        batch_size: images per run.

    Raises:
        ValueError: a value of another type, or not one of these.
    """

    name: str
    description: str
    runtime: str = "lce"
    input_type: str = "float32"
    output_type: str = "float32"
    include_preprocessing: bool = False
    float_storage: str = "float32"
    batch_size: int = 1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            assert isinstance(field.type, type)
            if type(value) is not field.type:  # isinstance() would take True for an integer
                raise self._error(field.name, _IN_TOML[field.type])
            choices = _CHOICES.get(field.name, (value,))
            if value not in choices:
                raise self._error(field.name, " or ".join(map(repr, choices)))
        if self.batch_size < 1:
            raise self._error("batch_size", "at least 1")

    def _error(self, field: str, expected: str) -> ValueError:
        got = getattr(self, field)
        return ValueError(f"target {self.name!r}: expected {field} to be {expected}; got {got!r}")


def load_target(target: str | os.PathLike[str] | Target) -> Target:
    """A target by name, from a file of your own, or as it is.

    Arguments:
        target: a name of `list_targets()`, the path of a TOML file (a string counts as one if it
            ends in .toml or names a folder), or a Target.

    Raises:
        ValueError: unknown name or field (with the nearest), a value that does not fit, no such
            file, or no TOML in it.
    """
    if isinstance(target, Target):
        return target
    path = Path(target)
    if not isinstance(target, str) or path.name != target or path.suffix == ".toml":
        return _read(path)
    files = _files()
    if target not in files:
        raise unknown("target", target, files)
    return _read(files[target])


def list_targets() -> list[Target]:
    """The targets that come with the package, by name."""
    return [_read(path) for path in _files().values()]


def _files() -> dict[str, Path]:
    return {path.stem: path for path in artifacts("convert", ".toml")}


def _read(path: Path) -> Target:
    if not path.is_file():
        shipped = f"; did you mean the target {path.stem!r}?" if path.stem in _files() else ""
        raise ValueError(f"no target file at {path}{shipped}")
    values = read_toml(path)
    if "name" in values:
        raise ValueError(f"{path}: unknown field 'name'; the file's name is the target's")
    try:
        return from_table(Target, {**values, "name": path.stem})
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
