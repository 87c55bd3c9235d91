"""`larq-bvit evaluate`: how often a model is right."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from larq_bvit._quiet import hidden_stderr, import_tensorflow
from larq_bvit.cli.any_model import any_model, check_whole_model, is_file
from larq_bvit.cli.choice import Choice, choose
from larq_bvit.cli.common import (
    AsJson,
    Seed,
    Weights,
    check_output,
    console,
    print_json,
    random_weights_note,
    write_atomically,
)
from larq_bvit.cli.tflite_runtime import Runtime, check_runtime, is_tflite, open_tflite

if TYPE_CHECKING:
    from larq_bvit.train.classifier import Classifier
    from larq_bvit.train.data.load import Data
    from larq_bvit.train.evaluation import Evaluation

_BATCH = 64
_MOST_THREADS = 64  # that the delegate takes
_SHOWN = 5  # classes and mistakes in the text


def evaluate(
    model: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE|RUN",
            help="A model or weights of `larq-bvit list`, packed weights (.safetensors), a run's "
            "folder, a saved Keras model, or a .tflite.",
        ),
    ],
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="`tiny_imagenet`, a name of TensorFlow Datasets (`cifar10`, `cifar10:test[:9%]`) "
            "or `folder:PATH`, of which `folder:PATH:all` means all images; evaluation images "
            "where no split is named.",
        ),
    ],
    weights: Weights = None,
    input_size: Annotated[
        str | None,
        typer.Option(
            "--input-size",
            metavar="SIZE",
            help="Of a model of the zoo; by default what the weights are for, or 224.",
        ),
    ] = None,
    second: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="NAME|FILE|RUN",
            help="Another model: both together, by the mean of their logits.",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=1, help="N images, at equal distances."),
    ] = None,
    data_dir: Annotated[
        str | None,
        typer.Option("--data-dir", metavar="PATH", help="Where TensorFlow Datasets keeps files."),
    ] = None,
    manual_dir: Annotated[
        str | None,
        typer.Option("--manual-dir", metavar="PATH", help="What you downloaded yourself."),
    ] = None,
    max_corrupt: Annotated[
        int,
        typer.Option("--max-corrupt", metavar="N", min=0, help="Unreadable images to pass over."),
    ] = 0,
    holdout: Annotated[
        float | None,
        typer.Option(
            "--holdout",
            metavar="SHARE",
            min=0,
            max=1,
            help="Of class folders that are not divided: what was kept from training. That of the "
            "run, else 0.1.",
        ),
    ] = None,
    confusion: Annotated[
        Path | None,
        typer.Option("--confusion", metavar="OUT.png", help="Picture of the confusion matrix."),
    ] = None,
    runtime: Runtime = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Measure accuracy and calibration on labelled images.

    Every image counts once, resized and cropped as in ImageNet's evaluation. A model of the zoo
    gets as many classes as the data has, where its weights don't say how many.
    """
    _check_options(model, weights, input_size, confusion)
    check_runtime(model, runtime)
    if second is not None:
        _check_options(second, None, None, None)
    choice = None if is_file(model) else choose(model, weights)
    other = None if second is None or is_file(second) else choose(second)
    for asked in (choice, other):
        if asked is not None:
            asked.check_normalization()
    size = None if choice is None else choice.size(input_size)
    import_tensorflow()
    with hidden_stderr():
        from larq_bvit.train.data.config import DataConfig
        from larq_bvit.train.evaluation_data import evaluation_data
        from larq_bvit.train.run_metadata import run_recipe

    if choice is None:
        classifier = _of_file(model, runtime)
    if holdout is None:
        run = None if choice is None or choice.weights is None else run_recipe(choice.weights)
        holdout = DataConfig.holdout if run is None else run.data.holdout
    config = DataConfig(
        dataset=data,
        size=size or classifier.size,
        batch_size=_BATCH,
        max_corrupt=max_corrupt,
        holdout=holdout,
        data_dir=data_dir,
        manual_dir=manual_dir,
    )
    images = evaluation_data(config, limit)
    if choice is not None:
        classifier = _of_zoo(choice, config.size, len(images.classes), seed)
    if second is not None:
        from larq_bvit.train.classifier import together

        if other is None:
            beside = _of_file(second, runtime)
        else:
            beside = _of_zoo(other, config.size, len(images.classes), seed)
        classifier = together(classifier, beside)
    result = _run(classifier, images)
    if confusion is not None:  # first: what is printed may break off
        from larq_bvit.train.confusion import confusion_picture

        write_atomically(confusion, confusion_picture(result))
    if as_json:
        origin = choice and choice.origin
        told = {} if second is None else {"with": second}
        print_json({"model": model, "weights": origin, **told, "data": data, **result.as_dict()})
    else:
        _print(result)
        if any(asked is not None and asked.random for asked in (choice, other)):
            typer.echo(random_weights_note(seed, "the figures mean nothing"))


def _check_options(
    model: str, weights: Path | None, input_size: str | None, confusion: Path | None
) -> None:
    """Refuses what can be refused before any work."""
    if confusion is not None:
        check_output(confusion, ".png")
        from larq_bvit._extras import require

        require("matplotlib.figure", "plot")
    if is_file(model):
        check_whole_model(model, {"--weights": weights, "--input-size": input_size})
        if not Path(model).exists():
            raise ValueError(f"no model at {model}")
    elif weights is not None and not weights.is_file():
        raise ValueError(f"no weight file at {weights}")


def _of_file(model: str, runtime: str | None) -> "Classifier":
    if is_tflite(model):
        from larq_bvit.bench.machine import cores

        return open_tflite(Path(model), runtime, min(cores(), _MOST_THREADS)).classifier
    network = any_model(model)
    with hidden_stderr():
        from larq_bvit.convert.own_normalization import normalizes_itself
        from larq_bvit.train.classifier import keras_classifier

    classifier = keras_classifier(network)  # says what is no classifier of images
    if normalizes_itself(network):
        raise ValueError(
            f"{model} begins with a scale or a shift, so it may normalise pixels itself, and "
            "images are normalised as ImageNet's here: `larq-bvit convert` with --raw-pixels, or "
            "--mean and --std, makes a .tflite that knows what it takes, for this command"
        )
    return classifier


def _of_zoo(choice: Choice, size: tuple[int, int], classes: int, seed: int) -> "Classifier":
    from larq_bvit.train.classifier import keras_classifier

    # trained weights have the classes that they have
    classes = choice.known_classes or classes
    return keras_classifier(choice.build(size=size, classes=classes, seed=seed))


def _run(classifier: "Classifier", images: "Data") -> "Evaluation":
    """With a bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from larq_bvit.train.evaluate_model import evaluate as run

    terminal = Console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task("images", total=images.eval_examples)
        return run(classifier, images, lambda done: bar.update(task, completed=done))


def _print(result: "Evaluation") -> None:
    from rich.table import Table

    table = Table(show_header=False, box=None, pad_edge=False)
    corrupt = f", {len(result.corrupt)} corrupt left out" if result.corrupt else ""
    table.add_row("images", f"{result.images:,}{corrupt}")
    table.add_row("top-1", str(result.top_1))
    if result.top_5 is not None:
        table.add_row("top-5", str(result.top_5))
    table.add_row("cross-entropy", f"{result.cross_entropy:.4f}")
    table.add_row("calibration error", f"{result.calibration_error:.2%}")
    worst = sorted(
        (share, name)
        for name, share in zip(result.classes, result.per_class.tolist(), strict=True)
        if share == share  # a class without images has NaN
    )
    for share, name in worst[:_SHOWN]:
        table.add_row("worst class" if (share, name) == worst[0] else "", f"{share:7.2%} {name}")
    for i, (label, best, count) in enumerate(result.mistakes()[:_SHOWN]):
        table.add_row("" if i else "most frequent mistake", f"{count:7,} {label} taken for {best}")
    console().print(table)
    for name in result.corrupt:
        typer.echo(f"corrupt: {name}")
