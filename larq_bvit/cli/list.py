"""`larq-bvit list`: the models of the zoo."""

from fnmatch import fnmatchcase
from typing import Annotated, Any

import typer

from larq_bvit.cli.catalog import CATALOG, published
from larq_bvit.cli.common import AsJson, console, print_json
from larq_bvit.presets import Preset


def list_models(
    pattern: Annotated[
        str,
        typer.Argument(
            metavar="[PATTERN]",
            help="Part of a name, of a model or of weights, or a pattern: 'reactnet*'.",
        ),
    ] = "*",
    pretrained: Annotated[
        bool, typer.Option("--pretrained", help="Only models with published weights.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the models of the zoo."""
    weights = published()
    names = [name for name in matching(pattern, weights) if name in weights or not pretrained]
    if as_json:
        print_json([_as_dict(name, weights.get(name, [])) for name in names])
    elif names:
        _print_table(names, weights)
    else:
        kind = "model with published weights" if pretrained else "model"
        typer.echo(f"no {kind} matches {pattern!r}", err=True)


def matching(pattern: str, weights: dict[str, list[Preset]]) -> list[str]:
    """As `zoo.list_models`, without TensorFlow, and models with weights of such a name."""
    pattern = (pattern if any(c in pattern for c in "*?[") else f"*{pattern}*").lower()
    names = {name: [name, *(preset.name for preset in weights.get(name, []))] for name in CATALOG}
    return sorted(
        model
        for model, own in names.items()
        if any(fnmatchcase(name.lower(), pattern) for name in own)
    )


def _as_dict(name: str, weights: list[Preset]) -> dict[str, Any]:
    keys = ("name", "dataset", "input_shape", "num_classes", "bytes", "top_1", "images", "default")
    description, reference = CATALOG[name]
    return {
        "name": name,
        "description": description,
        "reference": reference,
        "pretrained": [{key: getattr(preset, key) for key in keys} for preset in weights],
    }


def _print_table(names: list[str], weights: dict[str, list[Preset]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("Model", style="bold", no_wrap=True)
    table.add_column("What, and pretrained weights", overflow="fold")
    for name in names:
        description, reference = CATALOG[name]
        own = [f"{preset.name} ({preset.top_1:.1%})" for preset in weights.get(name, [])]
        table.add_row(name, "\n".join([f"{description}; {reference}", *own]))
    console().print(table)
