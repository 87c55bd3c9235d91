"""`larq-bvit predict`: the classes of images."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from larq_bvit._quiet import import_tensorflow
from larq_bvit.cli.any_model import check_whole_model
from larq_bvit.cli.choice import choose, default_choice
from larq_bvit.cli.common import (
    AsJson,
    ClassNames,
    InputSize,
    Seed,
    Weights,
    console,
    print_json,
    random_weights_note,
    read_names,
)
from larq_bvit.cli.tflite_runtime import Runtime, check_runtime, is_tflite, open_tflite

if TYPE_CHECKING:
    import numpy as np

_BATCH = 16
Ranking = list[tuple[str, str, float]]  # (wnid, name, probability), best first


def predict(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE", help="Image files.")],
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="NAME|FILE|RUN",
            help="A model or weights of `larq-bvit list`, packed weights (.safetensors), a run's "
            "folder, or a .tflite; without it that of --weights, or BinaryViT's default weights.",
        ),
    ] = None,
    weights: Weights = None,
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="How many classes.")] = 5,
    input_size: InputSize = None,
    class_names: ClassNames = None,
    runtime: Runtime = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Classify images.

    Every image is read first: with a bad one among them nothing is predicted.
    """
    check_runtime(model, runtime)
    names = None if class_names is None else read_names(class_names)
    if model is not None and is_tflite(model):
        check_whole_model(model, {"--weights": weights, "--input-size": input_size})
        _predict_tflite(Path(model), images, runtime, top, names, as_json)
        return
    choice = default_choice(weights) if model is None else choose(model, weights)
    choice.check_normalization()
    size = choice.size(input_size)
    pixels = read_images(images, size)
    names = names or choice.shown_names()
    classes = None if names is None else choice.check(names)
    network = choice.build(size=size, classes=classes, seed=seed)
    # eager: for few images tracing a thousand layers would take longer than running them
    rankings = _rank(lambda x: network(x, training=False).numpy(), pixels, top, names)
    report = {
        "model": choice.model,
        "weights": choice.origin,
        "random_weights": choice.random,
    }
    _print(report, images, rankings, as_json)
    if choice.random and not as_json:
        typer.echo(random_weights_note(seed, "the answers mean nothing"))


def _predict_tflite(
    file: Path,
    images: list[Path],
    runtime: str | None,
    top: int,
    names: list[str] | None,
    as_json: bool,
) -> None:
    opened = open_tflite(file, runtime)
    if names is not None and len(names) != opened.classifier.classes:
        raise ValueError(
            f"{file} has {opened.classifier.classes} classes; got {len(names)} class names"
        )
    pixels = read_images(images, opened.classifier.size)
    import numpy as np

    def scores(batch: "np.ndarray") -> "np.ndarray":
        return np.exp(opened.classifier.log_probabilities(batch))

    rankings = _rank(scores, pixels, top, names or opened.class_names)
    report = {"model": str(file), "runtime": opened.runtime}
    _print(report, images, rankings, as_json)
    if not as_json:
        typer.echo(f"in {opened.runtime}")


def read_images(paths: list[Path], size: tuple[int, int]) -> "np.ndarray":
    """Image files as uint8 (N, H, W, 3).

    Raises:
        ValueError: names every file that can't be read.
    """
    import_tensorflow()
    import numpy as np

    from larq_bvit.zoo.images import load_image

    arrays, errors = [], []
    for path in paths:
        try:
            arrays.append(load_image(path, size))
        except ValueError as error:
            errors.append(str(error))
    if len(errors) > 1:
        raise ValueError(f"{len(errors)} images can't be read:\n  " + "\n  ".join(errors))
    if errors:
        raise ValueError(errors[0])
    return np.stack(arrays)


def _rank(
    score: Callable[["np.ndarray"], "np.ndarray"],
    pixels: "np.ndarray",
    top: int,
    names: list[str] | None,
) -> list[Ranking]:
    """In batches, as normalised images take four times the memory of pixels and more."""
    import numpy as np

    from larq_bvit.zoo.images import decode_predictions, preprocess_input

    rankings: list[Ranking] = []
    for start in range(0, len(pixels), _BATCH):
        scores = score(preprocess_input(pixels[start : start + _BATCH]))
        if np.isnan(scores).any():
            raise ValueError("expected numbers from the model; got NaN: its weights are broken")
        rankings += decode_predictions(scores, top, names)
    return rankings


def print_ranking(ranking: Ranking) -> None:
    """One line per class."""
    from rich.table import Table

    table = Table(box=None, show_header=False)
    for wnid, name, probability in ranking:
        table.add_row(f"{probability:8.2%}", name, wnid if wnid != name else "")
    console().print(table)


def _print(
    report: dict[str, Any], images: list[Path], rankings: list[Ranking], as_json: bool
) -> None:
    if not as_json:
        for path, ranking in zip(images, rankings, strict=True):
            typer.echo(f"{path}")
            print_ranking(ranking)
        return
    keys = ("wnid", "name", "probability")
    shown = [
        {"path": str(path), "classes": [dict(zip(keys, entry, strict=True)) for entry in ranking]}
        for path, ranking in zip(images, rankings, strict=True)
    ]
    print_json({**report, "images": shown})
