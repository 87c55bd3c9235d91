"""`larq-bvit finetune`: the zoo's weights or one's own, on other data."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from larq_bvit._toml import unknown
from larq_bvit.cli.catalog import CATALOG
from larq_bvit.cli.choice import names_packed_file, of_file
from larq_bvit.cli.common import Changes, parse_size
from larq_bvit.cli.train import train
from larq_bvit.presets import preset_for, presets

_RECIPE = "finetune"


def finetune(
    source: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE|RUN",
            help="A model with pretrained weights, or their own name; packed weights "
            "(.safetensors); or a folder of `larq-bvit train`, of whose best epoch the latent "
            "weights go on.",
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
        typer.Option("--out", metavar="RUN", help="New folder for the run; runs/..._finetuned."),
    ] = None,
    input_size: Annotated[
        str | None,
        typer.Option(
            "--input-size", metavar="SIZE", help="224, or 64x96 (HxW); that of the weights."
        ),
    ] = None,
    changes: Changes = None,
) -> None:
    """Fine-tune trained weights on labelled images.

    The recipe `finetune` for this model and data: the classifier is new where the classes are
    others, and weights are fitted to another size of images. It is a run like any other: go
    on with it by `larq-bvit train --resume RUN`.
    """
    start = _start(source)
    height, width = start.size if input_size is None else parse_size(input_size)
    train(
        recipe=_RECIPE,
        out=out or Path("runs") / f"{start.name}_finetuned",
        data=data,
        changes=[*start.changes, f"data.size=[{height},{width}]", *(changes or [])],
    )


@dataclass(frozen=True)
class _Start:
    """Weights to go on from: for which size (H, W), and the recipe's changes for them."""

    name: str
    size: tuple[int, int]
    changes: list[str]


def _start(source: str) -> _Start:
    """Names come first, as in other commands."""
    from larq_bvit.train.overrides import overrides_of
    from larq_bvit.train.recipes import load_recipe
    from larq_bvit.train.run_folder import RunFolder

    def own(name: str, size: tuple[int, int], weights: Path, model: dict[str, Any]) -> _Start:
        model = {**model, "weights": str(weights.resolve()), "new_classifier": True}
        return _Start(name, size, ["model.pretrained=", *overrides_of(model, "model.")])

    known = presets()
    named = source in (*CATALOG, *known)
    if not named and names_packed_file(source):
        choice = of_file(source)
        choice.check_normalization()
        config = choice.config
        model = (
            {"name": config.name, "variant": config.variant} if config else {"name": choice.model}
        )
        return own(Path(source).stem, choice.size(None), Path(source), model)
    if not named and Path(source).is_dir():
        run = RunFolder(source)
        for file in (run.recipe, run.best):
            if not file.is_file():
                raise ValueError(f"expected a run with a best epoch; {source} has no {file.name}")
        recipe = load_recipe(run.recipe)
        model = asdict(recipe.model)
        kept = {field: model[field] for field in ("name", "variant", "options", "binary")}
        return own(run.path.resolve().name, recipe.data.size, run.best, kept)
    if not named:
        raise _no_start(source, [*CATALOG, *known])
    preset = known[source] if source in known else preset_for(source, True)
    model = {"name": preset.model, "pretrained": preset.name}
    return _Start(preset.name, preset.input_shape[:2], overrides_of(model, "model."))


def _no_start(source: str, names: list[str]) -> ValueError:
    if Path(source).is_file():
        return ValueError(
            f"{source} does not say of which model its weights are: give the folder of the run "
            "that wrote it; or `larq-bvit train finetune --data DATA --set model.name=NAME --set "
            f"model.weights={source} --set model.pretrained= --set model.new_classifier=true "
            "--set data.size=[H,W]`"
        )
    return unknown("model, weights or run", source, names)
