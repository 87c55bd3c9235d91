"""`larq-bvit finetune`: the zoo's weights, on data of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from larq_bvit.cli.common import Changes, parse_size
from larq_bvit.cli.train import train
from larq_bvit.presets import preset_for, presets

_RECIPE = "finetune"


def finetune(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A model with pretrained weights, or the weights' own name."
        ),
    ],
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="folder:PATH, or a name of TensorFlow Datasets such as cifar10."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="RUN", help="New folder for the run; runs/NAME_finetuned."),
    ] = None,
    input_size: Annotated[
        str | None,
        typer.Option(
            "--input-size", metavar="SIZE", help="224, or 64x96 (HxW); that of the weights."
        ),
    ] = None,
    changes: Changes = None,
) -> None:
    """Fine-tune pretrained weights on labelled images.

    The recipe `finetune` for this model and data: the classifier is new where the classes are
    others, and position embeddings are resampled for another size. It is a run like any other: go
    on with it by `larq-bvit train --resume RUN`.
    """
    known = presets()
    preset = known[name] if name in known else preset_for(name, True)
    height, width = preset.input_shape[:2] if input_size is None else parse_size(input_size)
    model = [f"model.name={preset.model}", f"model.pretrained={preset.name}"]
    train(
        recipe=_RECIPE,
        out=out or Path("runs") / f"{preset.name}_finetuned",
        data=data,
        changes=[*model, f"data.size=[{height},{width}]", *(changes or [])],
    )
