"""A model of the zoo by name, or a saved one of the user's own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from larq_bvit._quiet import hidden_stderr, import_tensorflow
from larq_bvit.cli.catalog import CATALOG
from larq_bvit.cli.choice import choose, names_packed_file, run_weights
from larq_bvit.presets import presets

if TYPE_CHECKING:
    import tensorflow as tf

AnyModel = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE",
        help="A model or weights of `larq-bvit list`, packed weights (.safetensors), a run's "
        "folder, or a saved Keras model (.keras, .h5 or a SavedModel).",
    ),
]


def is_file(model: str) -> bool:
    """Whether the user means a whole model: names of the zoo come first, and weights that say of
    which model they are."""
    if model in (*CATALOG, *presets()) or names_packed_file(model) or run_weights(model):
        return False
    return Path(model).suffix != "" or Path(model).exists()


def any_model(
    model: str,
    *,
    weights: Path | None = None,
    input_size: str | None = None,
    classes: int | None = None,
    logits: bool = False,
    seed: int = 0,
) -> "tf.keras.Model":
    """The saved model, or the one of the zoo with its options.

    Those are by default what its weights are for, else 224 pixels and 1,000 classes; the name of a
    model means its published weights, where it has any.

    Raises:
        ValueError: a saved model that can't be loaded, or has options of its own given again;
            and what `choose` and `Choice.build` raise.
    """
    if not is_file(model):
        choice = choose(model, weights)
        size = choice.size(input_size)
        return choice.build(size=size, classes=classes, seed=seed, logits=logits)
    given = {"--weights": weights, "--input-size": input_size, "--classes": classes}
    check_whole_model(model, {**given, "--logits": logits or None})
    if not Path(model).exists():
        raise ValueError(f"no model at {model}")  # before TensorFlow takes its seconds
    import_tensorflow()
    with hidden_stderr():
        from larq_bvit import zoo

        return zoo.load_model(model)


def check_whole_model(model: str, options: dict[str, Any]) -> None:
    """Refuses options that were given (not None) for a file that settles what they would say.

    Raises:
        ValueError: names them.
    """
    extra = [option for option, value in options.items() if value is not None]
    if extra:
        raise ValueError(f"{model} is a whole model: {', '.join(extra)} can't change it")
