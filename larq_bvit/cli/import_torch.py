"""`larq-bvit import-torch`: published PyTorch checkpoints as weight files."""

from pathlib import Path
from typing import Annotated

import typer

from larq_bvit.cli.choice import choose
from larq_bvit.cli.common import (
    AsJson,
    Classes,
    InputSize,
    ModelName,
    check_output,
    print_json,
)


def import_torch(
    name: ModelName,
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CHECKPOINT", help=".safetensors, .pth, .pt, .bin or .tar.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.h5", help="Weight file to write.")
    ],
    input_size: InputSize = None,
    classes: Classes = None,
    as_json: AsJson = False,
) -> None:
    """Turn a PyTorch checkpoint into a weight file.

    The checkpoint is one of the published code, with as many classes. PyTorch's own files need
    `pip install "larq_bvit[torch]"` and are read without running any code in them.
    """
    choice = choose(name, trained=False)
    size = choice.size(input_size)
    check_output(output, ".h5")
    if not checkpoint.is_file():
        raise ValueError(f"no checkpoint at {checkpoint}")
    model = choice.build(size=size, classes=classes)
    from larq_bvit import zoo

    zoo.save_weights(zoo.import_torch(checkpoint, model), output)
    count = output.stat().st_size
    if as_json:
        print_json(
            {"model": name, "checkpoint": str(checkpoint), "output": str(output), "bytes": count}
        )
    else:
        typer.echo(f"wrote {output}: weights of {name}, {count / 1e6:.2f} MB")
