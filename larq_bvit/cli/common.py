"""What the commands share: options, sizes, models, output."""

import json
import math
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from larq_bvit._whole import whole_file

if TYPE_CHECKING:
    from rich.console import Console

ModelName = Annotated[
    str, typer.Argument(metavar="NAME", help="A model or weights of `larq-bvit list`.")
]
TrainedModel = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME|FILE|RUN",
        help="A model or weights of `larq-bvit list`, packed weights (.safetensors), or a run's "
        "folder; without it that of --weights, or BinaryViT's default weights.",
    ),
]
ClassNames = Annotated[
    Path | None,
    typer.Option(
        "--class-names",
        metavar="FILE",
        help="One class per line, in the model's order; by default those of the weights, or "
        "ImageNet's 1,000.",
    ),
]
Recipe = Annotated[
    str | None, typer.Argument(metavar="[RECIPE]", help="One of `larq-bvit recipes`, or a .toml.")
]
DataSet = Annotated[
    str | None,
    typer.Option("--data", metavar="DATA", help="Data set instead of the recipe's."),
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Field of the recipe: epochs=10."),
]
InputSize = Annotated[
    str | None,
    typer.Option(
        "--input-size",
        metavar="SIZE",
        help="Height and width in pixels: 224, or 64x96 (HxW); by default what the weights are "
        "for, or 224.",
    ),
]
Classes = Annotated[
    int | None,
    typer.Option(
        "--classes", metavar="N", help="Number of classes; by default that of the weights, or 1000."
    ),
]
Weights = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        metavar="PATH",
        help="Weight file: .h5, or .safetensors, which says of which model, size and classes it "
        "is; published weights without it, or random ones where the model has none.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Of random weights.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def parse_size(text: str) -> tuple[int, int]:
    """(height, width) in pixels of `224` or `64x96`.

    Raises:
        ValueError: it is neither.
    """
    found = re.fullmatch(r"(\d+)(?:x(\d+))?", text.strip().lower())
    size = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if min(size) < 1:
        raise ValueError(f"expected a size such as 224, or 64x96 (height x width); got {text!r}")
    return size


def check_output(path: Path, *suffixes: str) -> None:
    """Refuses an output path before the work that ends in it.

    Raises:
        ValueError: the name ends in none of `suffixes`, or the folder is missing or read-only.
    """
    if path.suffix not in suffixes:
        raise ValueError(
            f"the output's name must end in {' or '.join(suffixes)}; got {path.name!r}"
        )
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError(f"can't write {path}: no such folder, or a folder itself")
    check_folder(path.parent)


def check_folder(path: Path) -> None:
    """Refuses a folder that files will be written to.

    Raises:
        ValueError: it is read-only.
    """
    if not os.access(path, os.W_OK):
        raise ValueError(f"can't write to the folder {path}")


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all.

    Raises:
        OSError: it can't be written; an older file of this name is as before.
    """
    with whole_file(path) as draft:
        draft.write_bytes(content)


def read_names(path: Path) -> list[str]:
    """Class names, one per line.

    Raises:
        ValueError: there are none, or it is no text in UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"expected names in UTF-8 in {path}; {error}") from None
    names = [line.strip() for line in text.splitlines()]
    names = [name for name in names if name]
    if not names:
        raise ValueError(f"no class names in {path}")
    return names


def random_weights_note(seed: int, what: str) -> str:
    """Plain words on what a model without training is good for."""
    return f"note: no weights were given, so they are random (seed {seed}) and {what}"


def print_json(value: Any) -> None:
    """Indented JSON on stdout; what is no number (NaN) or infinite is null, as JSON has no word."""
    typer.echo(json.dumps(_finite(value), indent=2, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value


def console() -> "Console":
    """For tables on stdout; wide where it is no terminal, so that nothing is cut.

    Text is shown as it is: names of classes and files may look like markup of rich.
    """
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160
    return Console(highlight=False, markup=False, emoji=False, width=width)
