"""`larq-bvit convert`: a model as .tflite for Larq Compute Engine."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from larq_bvit.cli.census import print_census
from larq_bvit.cli.common import (
    AsJson,
    Classes,
    InputSize,
    ModelName,
    Seed,
    Weights,
    check_output,
    create_model,
    parse_size,
    print_json,
    random_weights_note,
    write_atomically,
)
from larq_bvit.cli.predict import read_images
from larq_bvit.cli.quiet import hidden_stderr

if TYPE_CHECKING:
    import tensorflow as tf

    from larq_bvit.convert import Verification


def convert(
    name: ModelName,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.tflite", help="File to write.")
    ],
    weights: Weights = None,
    input_size: InputSize = "224",
    classes: Classes = 1000,
    logits: Annotated[
        bool, typer.Option("--logits", help="Without the softmax at the end.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify/--no-verify", help="Compare with Keras before writing.")
    ] = True,
    images: Annotated[
        list[Path] | None,
        typer.Option("--image", metavar="IMAGE", help="To verify on; a photograph without it."),
    ] = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Convert a model to a bit-packed .tflite.

    The file runs in Larq Compute Engine. It is written only if it computes in LCE's interpreter
    what the model computes in Keras.
    """
    size = parse_size(input_size)
    check_output(output, ".tflite")
    model = create_model(
        name, size=size, classes=classes, weights=weights, seed=seed, logits=logits
    )
    tflite, binary_layers = to_tflite(model)
    proof = _verify(model, tflite, images or [], size) if verify else None
    write_atomically(output, tflite)
    float_bytes = 4 * model.count_params()
    with hidden_stderr():
        from larq_bvit.convert import census

        count = census(tflite)
    if as_json:
        print_json(
            {
                "model": name,
                "weights": None if weights is None else str(weights),
                "random_weights": weights is None,
                "output": str(output),
                "bytes": len(tflite),
                "float_bytes": float_bytes,
                "binary_layers": binary_layers,
                "verification": proof and proof.as_dict(),
                "census": count.as_dict(),
            }
        )
        return
    typer.echo(
        f"wrote {output}: {len(tflite) / 1e6:.2f} MB (float32 weights: {float_bytes / 1e6:.2f} "
        f"MB), {binary_layers} binary layers"
    )
    print_census(count)
    if proof:
        typer.echo(f"against Keras, {proof.images} images:\n{proof}")
    if weights is None:
        typer.echo(random_weights_note(seed, "the model knows nothing"))


def _verify(
    model: "tf.keras.Model", tflite: bytes, images: list[Path], size: tuple[int, int]
) -> "Verification":
    """The verification, on the shipped photograph if there are no images.

    Raises:
        ValueError: the .tflite is not the model; or a bad image.
    """
    with as_file(files("larq_bvit") / "assets" / "cat.jpg") as photograph:
        pixels = read_images(images or [photograph], size)
    with hidden_stderr():
        from larq_bvit.convert import verify
        from larq_bvit.zoo.images import preprocess_input

        proof = verify(model, tflite, preprocess_input(pixels))
    if not proof.holds:
        raise ValueError(f"the .tflite differs from the model, nothing is written:\n{proof}")
    return proof


def to_tflite(model: "tf.keras.Model") -> tuple[bytes, int]:
    """The .tflite of a model, and its number of binary layers.

    Raises:
        ValueError: it can't be converted, or not all of it is binary that should be.
        ImportError: larq-compute-engine is missing.
    """
    with hidden_stderr():  # C++ libraries talk past every log level
        return _to_tflite(model)


def _to_tflite(model: "tf.keras.Model") -> tuple[bytes, int]:
    from larq_bvit.convert import ConversionError, count_ops
    from larq_bvit.convert import to_tflite as convert_model

    try:
        tflite = convert_model(model)
    except ConversionError as error:
        raise ValueError(str(error)) from error
    return tflite, count_ops(tflite)["LceBconv2d"]
