"""`larq-bvit list`: the models of the zoo."""

from fnmatch import fnmatch
from typing import Annotated

import typer

from larq_bvit.cli.catalog import CATALOG
from larq_bvit.cli.common import AsJson, console, print_json


def list_models(
    pattern: Annotated[
        str,
        typer.Argument(metavar="[PATTERN]", help="Part of a name, or a pattern: 'reactnet*'."),
    ] = "*",
    pretrained: Annotated[
        bool, typer.Option("--pretrained", help="Only models with published weights.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the models of the zoo."""
    names = matching(pattern)
    if pretrained:
        from larq_bvit.cli.quiet import import_tensorflow

        import_tensorflow()
        from larq_bvit import zoo

        names = zoo.list_models(pattern, pretrained=True)
    if as_json:
        keys = ("name", "description", "reference")
        print_json([dict(zip(keys, (name, *CATALOG[name]), strict=True)) for name in names])
    elif names:
        _print_table(names)
    else:
        kind = "model with published weights" if pretrained else "model"
        typer.echo(f"no {kind} matches {pattern!r}", err=True)


def matching(pattern: str) -> list[str]:
    """As `zoo.list_models`, without TensorFlow."""
    pattern = pattern if any(c in pattern for c in "*?[") else f"*{pattern}*"
    return sorted(name for name in CATALOG if fnmatch(name, pattern))


def _print_table(names: list[str]) -> None:
    from rich.table import Table

    table = Table("Model", "What", "Reference", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    table.columns[0].style = "bold"
    for name in names:
        table.add_row(name, *CATALOG[name])
    console().print(table)
