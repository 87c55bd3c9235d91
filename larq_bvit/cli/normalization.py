"""Options that say what a model expects of its pixels."""

from typing import TYPE_CHECKING, Annotated

import typer

from larq_bvit._quiet import hidden_stderr

if TYPE_CHECKING:
    from larq_bvit.convert import Normalization

Mean = Annotated[
    str | None,
    typer.Option(
        "--mean",
        metavar="X[,X,X]",
        help="With --std: what the model's images were normalised with, (pixel / 255 - mean) / "
        "std, one number or one per channel; ImageNet's by default.",
    ),
]
Std = Annotated[str | None, typer.Option("--std", metavar="X[,X,X]", help="With --mean.")]
RawPixels = Annotated[
    bool,
    typer.Option(
        "--raw-pixels",
        help="The model takes pixels, 0 to 255, as they are, and may normalise them itself.",
    ),
]


def normalization_of(mean: str | None, std: str | None, raw_pixels: bool) -> "Normalization | None":
    """None where no option says anything.

    Raises:
        ValueError: options that contradict each other, or what is no normalisation.
    """
    if raw_pixels and (mean or std):
        raise ValueError("expected --raw-pixels, or --mean and --std; got both")
    if (mean is None) != (std is None):
        raise ValueError(f"expected --mean with --std; got --{'std' if mean is None else 'mean'}")
    with hidden_stderr():
        from larq_bvit.convert import Normalization
    if raw_pixels:
        return Normalization.none()
    if mean is None or std is None:
        return None
    return Normalization(_numbers("--mean", mean), _numbers("--std", std))


def _numbers(option: str, text: str) -> tuple[float, ...]:
    try:
        return tuple(float(number) for number in text.split(","))
    except ValueError:
        raise ValueError(
            f"expected numbers such as 0.5 or 0.4,0.5,0.6 for {option}; got {text!r}"
        ) from None
