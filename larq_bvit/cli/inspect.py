"""`larq-bvit inspect`: what a .tflite is made of, and why layers are float."""

from pathlib import Path
from typing import Annotated

import typer

from larq_bvit._extras import require
from larq_bvit._quiet import captured_stderr, hidden_stderr, import_tensorflow
from larq_bvit.cli.census_tables import print_census
from larq_bvit.cli.common import AsJson, check_output, print_json, write_atomically
from larq_bvit.cli.op_mix import draw

_OURS = "larq_bvit: "  # a line of the delegate; all others are what runtimes say


def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE.tflite", help="LCE's or any other.")],
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="OUT.png", help="Draw operators and bytes (matplotlib)."),
    ] = None,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan", help="Print how the native delegate would run it: what it fuses and leaves."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a .tflite is made of, and why layers are float.

    Bytes, multiply-accumulates, operators, peak memory, and for every product that is not binary
    the reason.
    """
    if plot is not None:
        check_output(plot, ".png")
        require("matplotlib", "plot")
    tflite = file.read_bytes()
    lines = read_plan(tflite) if plan else None
    import_tensorflow()
    with hidden_stderr():
        from larq_bvit import convert

        count = convert.census(tflite)
    if plot is not None:
        write_atomically(plot, draw(count, file.name))
    if as_json:
        print_json({**count.as_dict(), **({} if lines is None else {"plan": lines})})
        return
    print_census(count)
    if lines is not None:
        typer.echo("\n".join(["", "plan of the native delegate", *lines]))
    if plot is not None:
        typer.echo(f"wrote {plot}")


def read_plan(tflite: bytes) -> list[str]:
    """The lines that the delegate writes when it is verbose.

    Raises:
        ValueError: this is no .tflite, or the runtime can't load it.
        ImportError: there is no delegate.
    """
    from larq_bvit.runtime import Interpreter

    with captured_stderr() as said:
        Interpreter(tflite, verbose=2)
    return [line for line in said().splitlines() if line.startswith(_OURS)]
