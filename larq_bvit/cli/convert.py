"""`larq-bvit convert`: a model as .tflite for where it will run."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from larq_bvit._quiet import hidden_stderr, import_tensorflow
from larq_bvit.cli.any_model import AnyModel, any_model, is_file
from larq_bvit.cli.census_tables import print_census
from larq_bvit.cli.choice import choose
from larq_bvit.cli.common import (
    AsJson,
    Classes,
    InputSize,
    Seed,
    Weights,
    check_output,
    print_json,
    random_weights_note,
    read_names,
    write_atomically,
)
from larq_bvit.cli.delegate_check import check_delegate, lines_of, need_delegate
from larq_bvit.cli.normalization import Mean, RawPixels, Std, normalization_of
from larq_bvit.cli.predict import read_images

if TYPE_CHECKING:
    import numpy as np

    from larq_bvit.convert import Conversion, Normalization
    from larq_bvit.runtime.lce_check import DelegateCheck

Images = Annotated[
    list[Path] | None,
    typer.Option("--image", metavar="IMAGE", help="To verify on; a photograph without it."),
]


def convert(
    model: AnyModel,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.tflite", help="File to write.")
    ],
    target: Annotated[
        str,
        typer.Option(
            "--target",
            metavar="NAME|FILE",
            help="Where it will run: android, arm, delegate, raspberry_pi, x86, or a .toml.",
        ),
    ] = "arm",
    weights: Weights = None,
    input_size: InputSize = None,
    classes: Classes = None,
    logits: Annotated[
        bool, typer.Option("--logits", help="Without the softmax at the end.")
    ] = False,
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", metavar="N", help="Images per run.")
    ] = None,
    input_type: Annotated[
        str | None, typer.Option("--input-type", metavar="TYPE", help="float32, int8 or uint8.")
    ] = None,
    output_type: Annotated[
        str | None, typer.Option("--output-type", metavar="TYPE", help="float32, int8 or uint8.")
    ] = None,
    preprocessing: Annotated[
        bool | None,
        typer.Option(
            "--preprocessing/--no-preprocessing", help="Take pixels, 0 to 255, and normalise them."
        ),
    ] = None,
    mean: Mean = None,
    std: Std = None,
    raw_pixels: RawPixels = False,
    float_storage: Annotated[
        str | None,
        typer.Option("--float-storage", metavar="TYPE", help="float32, or float16 for half."),
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(
            "--labels",
            metavar="FILE",
            help="Names of the classes, one per line; or imagenet. Those of published weights are "
            "known.",
        ),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify/--no-verify", help="Compare with Keras before writing.")
    ] = True,
    images: Images = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Convert a model to a bit-packed .tflite.

    The file runs in Larq Compute Engine. It is written only if it computes in LCE's interpreter
    what the model computes in Keras, and for a target of the delegate's in that, too, where it is
    installed. Options replace what the target says.
    """
    check_output(output, ".tflite")
    names = None if labels is None else _labels(labels)
    normalization = normalization_of(mean, std, raw_pixels)
    choice = None if is_file(model) else choose(model, weights)
    network = any_model(
        model, weights=weights, input_size=input_size, classes=classes, logits=logits, seed=seed
    )
    pixels = read_photographs(network, images)
    conversion = run_conversion(
        network,
        target=target,
        batch_size=batch_size,
        input_type=input_type,
        output_type=output_type,
        include_preprocessing=preprocessing,
        normalization=normalization,
        float_storage=float_storage,
        labels=names,
        verify=verify,
        images=pixels,
    )
    checks = {}
    if verify and conversion.target.runtime == "delegate":
        checks = _check_delegate(network, conversion.tflite, pixels, normalization)
    write_atomically(output, conversion.tflite)
    random_weights = choice is not None and choice.random
    random_classifier = choice is not None and classes not in (None, choice.classes)
    float_bytes = 4 * network.count_params()
    if as_json:
        report = {
            "model": model,
            "weights": choice and choice.origin,
            "random_weights": random_weights,
            "random_classifier": random_weights or random_classifier,
            "output": str(output),
            "float_bytes": float_bytes,
        }
        compared = {mode: asdict(check) for mode, check in checks.items()}
        print_json({**report, **conversion.as_dict(), "delegate": compared or None})
        return
    _print(output, conversion, float_bytes)
    for line in lines_of(checks):
        typer.echo(line)
    if random_weights:
        typer.echo(random_weights_note(seed, "the model knows nothing"))
    elif random_classifier:
        typer.echo(
            f"note: the weights have no {classes} classes, so the classifier is random "
            f"(seed {seed}) and knows none"
        )


def _check_delegate(
    network: Any,
    tflite: bytes,
    pixels: "np.ndarray | None",
    normalization: "Normalization | None",
) -> "dict[str, DelegateCheck]":
    """What the delegate gives; nothing where it is not installed, which is said.

    Raises:
        ValueError: something else than Larq Compute Engine.
    """
    try:
        need_delegate()
    except ImportError as error:
        typer.echo(f"note: not compared with the delegate: {error}", err=True)
        return {}
    with hidden_stderr():
        from larq_bvit.convert.verification.input_form import normalization_told

        normalization = normalization or normalization_told(network, tflite)
        checks = check_delegate(network, tflite, pixels, normalization)
    if not all(check.holds for check in checks.values()):
        lines = "\n".join(lines_of(checks))
        raise ValueError(f"the delegate computes something else than LCE:\n{lines}")
    return checks


def _labels(labels: str) -> list[str]:
    if labels == "imagenet":
        import_tensorflow()
        from larq_bvit.zoo.images import imagenet_classes

        return [name for _, name in imagenet_classes()]
    return read_names(Path(labels))


def read_photographs(network: Any, images: list[Path] | None) -> "np.ndarray | None":
    """Pixels of image files in the model's size; None where there are no files.

    Raises:
        ValueError: a model that takes no RGB images; or a bad image.
    """
    if not images:
        return None
    shape = network.inputs[0].shape
    _, height, width, channels = shape if len(shape) == 4 else (None,) * 4
    if channels != 3 or not height or not width:
        raise ValueError(f"expected a model of RGB images; got input {shape}")
    return read_images(images, (height, width))


def run_conversion(network: Any, **options: Any) -> "Conversion":
    """`convert_model` without the chatter of C++ libraries, which no log level stops."""
    with hidden_stderr():
        from larq_bvit.convert import convert_model

        return convert_model(network, **options)


def _print(output: Path, conversion: "Conversion", float_bytes: int) -> None:
    typer.echo(
        f"wrote {output}: {len(conversion.tflite) / 1e6:.2f} MB (float32 weights: "
        f"{float_bytes / 1e6:.2f} MB), {conversion.binary_layers} binary layers, "
        f"target {conversion.target.name}\n"
    )
    print_census(conversion.census)
    proof = conversion.verification
    if proof:
        typer.echo(f"\nagainst Keras, {proof.images} images:\n{proof}")
