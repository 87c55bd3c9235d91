"""`larq-bvit pack`: weights of a run, ready to ship."""

from pathlib import Path
from typing import Annotated

import typer

from larq_bvit._extras import require
from larq_bvit._quiet import hidden_stderr, import_tensorflow


def pack(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of `larq-bvit train`.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Gets the folder MODEL_NAME.")
    ] = Path("zoo"),
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="NAME",
            help="What tells the weights from others of the model, or their whole name; the data "
            "set by default.",
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            "--dataset",
            metavar="NAME",
            help="Of the data; the recipe's by default. The card knows the licences of cifar10, "
            "tiny_imagenet and imagenet2012.",
        ),
    ] = None,
    weights_license: Annotated[
        str,
        typer.Option("--weights-license", metavar="TEXT", help="What others may do with them."),
    ] = "Apache-2.0",
    note: Annotated[
        list[str] | None,
        typer.Option("--note", metavar="TEXT", help="A limit that users must know; repeatable."),
    ] = None,
    trained_on: Annotated[
        str | None,
        typer.Option(
            "--trained-on", metavar="TEXT", help="Instead of the machines that the run has noted."
        ),
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="What pretrained=True means for this model.")
    ] = False,
    architecture_default: Annotated[
        bool,
        typer.Option("--architecture-default", help="And for its architecture without a variant."),
    ] = False,
) -> None:
    """Pack the weights of a run, with a model card.

    The packed weights are evaluated on all evaluation images, in Keras and as .tflite. The folder
    gets weights.safetensors, preset.toml, README.md (the card) and what the card is made from.
    """
    require("matplotlib", "plot")
    import_tensorflow()
    with hidden_stderr():
        from larq_bvit import cards

    folder = cards.pack(
        run,
        out,
        name=name,
        dataset=dataset,
        weights_license=weights_license,
        notes=note or (),
        trained_on=trained_on,
        default=default,
        architecture_default=architecture_default,
        on_step=typer.echo,
    )
    typer.echo(f"wrote {folder}: its README.md says how to load the weights")
