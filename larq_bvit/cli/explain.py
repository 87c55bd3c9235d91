"""`larq-bvit explain`: what a binary transformer looks at, as a picture."""

import re
from dataclasses import asdict
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from larq_bvit._extras import require
from larq_bvit._quiet import import_tensorflow
from larq_bvit.cli.choice import Choice, choose, default_choice
from larq_bvit.cli.common import (
    AsJson,
    ClassNames,
    InputSize,
    Seed,
    Weights,
    check_output,
    console,
    print_json,
    random_weights_note,
    read_names,
    write_atomically,
)
from larq_bvit.cli.predict import print_ranking, read_images

if TYPE_CHECKING:
    from collections.abc import Iterator

    from larq_bvit.explain import AttentionMask, Explanation, HeadFigures

_SUFFIXES = (".png", ".pdf", ".svg")
_MEANINGLESS = "neither the classes nor the attention mean anything"


def explain(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="Image file.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="OUT.png", help="File to write; or .pdf, .svg."),
    ],
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="NAME|FILE|RUN",
            help="A BinaryViT or ReActDeiT of `larq-bvit list`, weights of one, packed weights "
            "(.safetensors), or a run's folder; without it that of --weights, or BinaryViT's "
            "default weights.",
        ),
    ] = None,
    weights: Weights = None,
    input_size: InputSize = None,
    class_names: ClassNames = None,
    block: Annotated[
        int | None,
        typer.Option(
            "--block",
            metavar="N",
            min=1,
            help="Block of every stage, from 1; without it, and where a stage has fewer, its last.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="X,Y",
            help="Pixel of the resized image whose queries are shown, from the top left corner; "
            "the centre without it.",
        ),
    ] = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Draw what binary attention looks at.

    Writes a picture of the image with its classes, the map at the end of every stage, how often
    each head of a block attends to each place, and the choice of one query. Prints per head: the
    share of ones, their entropy over the keys in bits, keys that are never attended to, and
    queries that attend to nothing.
    """
    choice = default_choice(weights) if model is None else choose(model, weights)
    choice.check_normalization()
    size = choice.size(input_size)
    check_output(output, *_SUFFIXES)
    require("matplotlib.figure", "plot")
    point = None if at is None else _parse_point(at, size)
    _check_model(choice)
    names = None if class_names is None else read_names(class_names)
    pixels = read_images([image], size)[0]
    names = names or choice.shown_names()
    classes = None if names is None else choice.check(names)
    network = choice.build(size=size, classes=classes, seed=seed)
    from larq_bvit.explain import explain_image, picture

    explanation = explain_image(network, pixels, at=point, block=block, class_names=names)
    drawn = picture(
        explanation,
        title=f"What the binary attention of {choice.model} looks at",
        subtitle=f"{image.name}; " + _origin(choice),
        warning="" if not choice.random else f"Random weights (seed {seed}): {_MEANINGLESS}",
        format=output.suffix[1:],
    )
    write_atomically(output, drawn)
    if as_json:
        origin = {
            "model": choice.model,
            "weights": choice.origin,
            "random_weights": choice.random,
            "seed": seed,
            "image": str(image),
            "output": str(output),
        }
        print_json({**origin, **_as_dict(explanation)})
        return
    print_ranking(explanation.ranking)
    _print_heads(explanation)
    if choice.random:
        typer.echo(random_weights_note(seed, _MEANINGLESS))
    typer.echo(f"wrote {output}")


def _origin(choice: Choice) -> str:
    """Of the weights, for the picture."""
    return "no weights given" if choice.random else Path(str(choice.origin)).name


def _parse_point(text: str, size: tuple[int, int]) -> tuple[int, int]:
    """(x, y) of `16,8`.

    Raises:
        ValueError: it is no point, or not in an image of `size` (height, width).
    """
    found = re.fullmatch(r"\s*(-?\d+)\s*,\s*(-?\d+)\s*", text)
    if not found:
        raise ValueError(f"expected a point such as 16,8 (X,Y in pixels); got {text!r}")
    import_tensorflow()
    from larq_bvit.explain.explanation import check_point

    return check_point((int(found[1]), int(found[2])), size)


def _check_model(choice: Choice) -> None:
    """Raises a ValueError where a model of the zoo has no binary attention."""
    import_tensorflow()
    from larq_bvit import zoo
    from larq_bvit.explain import binary_attention, explainable_models

    name, real = choice.model, choice.config is not None and choice.config.binary == "nothing"
    if real or (name in zoo.list_models() and name not in explainable_models()):
        raise ValueError(binary_attention.no_binary_attention(name))


def _heads(explanation: "Explanation") -> "Iterator[tuple[AttentionMask, int, HeadFigures]]":
    """Every head with its mask and its number from 1."""
    from larq_bvit.explain import head_figures

    for mask in explanation.masks:
        for head, figures in enumerate(head_figures(mask), start=1):
            yield mask, head, figures


def _as_dict(explanation: "Explanation") -> dict[str, Any]:
    keys = ("wnid", "name", "probability")
    return {
        "at": explanation.at,
        "classes": [dict(zip(keys, entry, strict=True)) for entry in explanation.ranking],
        "heads": [
            {"stage": mask.stage, "block": mask.block, "head": head, "clip": mask.clip}
            | asdict(figures)
            for mask, head, figures in _heads(explanation)
        ],
    }


def _print_heads(explanation: "Explanation") -> None:
    from rich.table import Table

    from larq_bvit.explain.head_figures import percent

    table = Table(box=None, pad_edge=False)
    for title in ("Stage", "Block", "Clip", "Head", "Queries", "Keys", "Ones"):
        table.add_column(title, justify="right")
    for title in ("Entropy (bits)", "Never attended", "Blind queries"):
        table.add_column(title, justify="right")
    for mask, head, one in _heads(explanation):
        entropy = "none" if one.entropy is None else f"{one.entropy:.2f} of {log2(one.keys):.2f}"
        place = [mask.stage, mask.block, f"{mask.clip:.2g}", head]
        counts = [one.queries, one.keys, percent(one.ones, 1)]
        table.add_row(*map(str, [*place, *counts, entropy, one.never_attended, one.blind]))
    console().print(table)
    off = [
        f"stage {mask.stage}, block {mask.block}" for mask in explanation.masks if mask.clip <= 0
    ]
    if off:
        typer.echo(f"off, because a clip of 0 or below lets nothing through: {'; '.join(off)}")
