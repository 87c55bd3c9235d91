"""`larq-bvit census`: what a .tflite is made of."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from larq_bvit.cli.common import AsJson, console, print_json
from larq_bvit.cli.quiet import hidden_stderr, import_tensorflow

if TYPE_CHECKING:
    from larq_bvit.convert import Census


def census(
    file: Annotated[Path, typer.Argument(metavar="FILE.tflite", help="LCE's or any other.")],
    as_json: AsJson = False,
) -> None:
    """Count a .tflite: operators, products, bytes, memory."""
    tflite = file.read_bytes()
    import_tensorflow()
    with hidden_stderr():
        from larq_bvit import convert

        count = convert.census(tflite)
    if as_json:
        print_json(count.as_dict())
    else:
        print_census(count)


def print_census(count: "Census") -> None:
    """The totals, the layers left in float, the operators."""
    from rich.table import Table

    totals = Table("bytes", "", "multiply-accumulates", "", box=None)
    totals.add_row("1-bit weights", f"{count.bits:,}", "binary", f"{count.binary_macs:,}")
    totals.add_row("other constants", f"{count.constants:,}", "float", f"{count.float_macs:,}")
    totals.add_row("graph", f"{count.graph:,}")
    totals.add_row("file", f"{count.size:,}")
    totals.add_row("peak activations", f"{count.peak_activations:,}")
    console().print(totals)
    layers = Table("layer in float", "operator", "MACs", "of all", box=None)
    everything = (count.binary_macs + count.float_macs) or 1
    for product in count.float_layers:
        share = f"{product.macs / everything:.2%}"
        layers.add_row(product.name, product.operator, f"{product.macs:,}", share)
    console().print(layers)
    operators = ", ".join(f"{name} {times}" for name, times in count.operators.items())
    typer.echo(f"{sum(count.operators.values()):,} operators: {operators}")
