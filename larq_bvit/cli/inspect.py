"""`larq-bvit inspect`: what a .tflite is made of, and why layers are float."""

from pathlib import Path
from typing import Annotated

import typer

from larq_bvit._extras import require
from larq_bvit.cli.census_tables import print_census
from larq_bvit.cli.common import AsJson, check_output, print_json, write_atomically
from larq_bvit.cli.op_mix import draw
from larq_bvit.cli.quiet import hidden_stderr, import_tensorflow


def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE.tflite", help="LCE's or any other.")],
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="OUT.png", help="Draw operators and bytes (matplotlib)."),
    ] = None,
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
    import_tensorflow()
    with hidden_stderr():
        from larq_bvit import convert

        count = convert.census(tflite)
    if plot is not None:
        write_atomically(plot, draw(count, file.name))
    if as_json:
        print_json(count.as_dict())
        return
    print_census(count)
    if plot is not None:
        typer.echo(f"wrote {plot}")
