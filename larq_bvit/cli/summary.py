"""`larq-bvit summary`: what a model weighs and computes."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from larq_bvit.cli.choice import choose
from larq_bvit.cli.common import (
    AsJson,
    Classes,
    InputSize,
    console,
    print_json,
)

if TYPE_CHECKING:
    from larq_bvit.zoo import LayerProfile, ModelProfile


def summary(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE|RUN",
            help="A model of `larq-bvit list`, at 224 pixels with 1,000 classes; weights of it, "
            "packed weights (.safetensors) or a run's folder, as they are.",
        ),
    ],
    input_size: InputSize = None,
    classes: Classes = None,
    layers: Annotated[bool, typer.Option("--layers", help="One line per layer.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count a model's parameters, bytes and operations.

    A multiply-accumulate (MAC) counts once; OPs = binary MACs / 64 + float MACs.
    """
    choice = choose(name, trained=False)
    size, classes = choice.size(input_size), choice.classes if classes is None else classes
    model = choice.build(size=size, classes=classes)
    from larq_bvit import zoo

    counts = zoo.profile(model)
    if as_json:
        print_json({"input_size": size, "classes": classes, **_as_dict(counts, layers)})
        return
    if layers:
        _print_layers(counts)
    _print_totals(counts, size, classes)


def _as_dict(counts: "ModelProfile", layers: bool) -> dict[str, Any]:
    def with_sums(one: Any) -> dict[str, Any]:
        return {**asdict(one), "parameters": one.parameters, "ops": one.ops}

    result = with_sums(counts)
    del result["layers"]
    if layers:
        result["layers"] = [with_sums(layer) for layer in counts.layers]
    return result


def _print_totals(counts: "ModelProfile", size: tuple[int, int], classes: int) -> None:
    from rich.table import Table

    title = f"{counts.name} at {size[0]}x{size[1]}, {classes:,} classes"
    table = Table(title=title, show_header=False, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    for label, value in (
        ("1-bit parameters", f"{counts.binary_parameters:,}"),
        ("float parameters", f"{counts.float_parameters:,}"),
        ("trainable parameters", f"{counts.trainable_parameters:,}"),
        ("packed size", f"{counts.packed_bytes / 1e6:.2f} MB"),
        ("size in float32", f"{4 * counts.parameters / 1e6:.2f} MB"),
        ("binary MACs", f"{counts.binary_macs / 1e9:.3f} G"),
        ("float MACs", f"{counts.float_macs / 1e9:.4f} G"),
        ("OPs", f"{counts.ops / 1e8:.3f} e8"),
    ):
        table.add_row(label, value)
    console().print(table)


def _print_layers(counts: "ModelProfile") -> None:
    from rich.table import Table

    table = Table("Layer", "Kind", "Output", box=None, pad_edge=False)
    table.columns[0].overflow = "fold"
    for title in ("1-bit", "float", "packed bytes", "binary MACs", "float MACs"):
        table.add_column(title, justify="right", no_wrap=True)
    for layer in counts.layers:
        table.add_row(layer.name, layer.kind, _shape(layer), *map(_number, _numbers(layer)))
    console().print(table)


def _shape(layer: "LayerProfile") -> str:
    return "x".join(map(str, layer.output_shape))


def _numbers(layer: "LayerProfile") -> tuple[int, ...]:
    parameters = layer.binary_parameters, layer.float_parameters
    return (*parameters, layer.packed_bytes, layer.binary_macs, layer.float_macs)


def _number(value: int) -> str:
    return f"{value:,}" if value else ""
