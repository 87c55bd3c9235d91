"""`larq-bvit verify`: a .tflite against the model that it came from."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from larq_bvit._quiet import hidden_stderr, import_tensorflow
from larq_bvit.cli.any_model import AnyModel, any_model, is_file
from larq_bvit.cli.common import AsJson, Seed, Weights, print_json
from larq_bvit.cli.convert import Images, read_photographs
from larq_bvit.cli.delegate_check import check_delegate, lines_of, need_delegate
from larq_bvit.cli.normalization import Mean, RawPixels, Std, normalization_of


def verify(
    model: AnyModel,
    file: Annotated[Path, typer.Argument(metavar="FILE.tflite", help="What was made of it.")],
    weights: Weights = None,
    images: Images = None,
    mean: Mean = None,
    std: Std = None,
    raw_pixels: RawPixels = False,
    tolerance: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            help="Largest difference over the largest output, of the file as it is: 0.001.",
        ),
    ] = None,
    delegate: Annotated[
        bool, typer.Option("--delegate", help="Compare the native delegate with LCE, too.")
    ] = False,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Compare a .tflite with its Keras model, layer by layer.

    Runs both on real images, the .tflite in all of Larq Compute Engine's kernels. The exit code
    is 1 where they differ. A file whose constants are stored as float16 must compute what the
    model does, converted anew and rounded alike; before rounding, that is compared with Keras. A
    model of the zoo gets the size and the classes of the file. --mean and --std matter where the
    file takes pixels; others say themselves what they expect.
    """
    tflite = file.read_bytes()
    if delegate:
        need_delegate()
    import_tensorflow()
    given = normalization_of(mean, std, raw_pixels)
    with hidden_stderr():
        from larq_bvit import convert
        from larq_bvit.convert.verification.input_form import normalization_told

        like = {} if is_file(model) else _options(tflite)
    network = any_model(model, weights=weights, seed=seed, **like)  # may tell of a download
    with hidden_stderr():
        normalization = given or normalization_told(network, tflite)
        pixels = read_photographs(network, images)
        proof = convert.verify(
            network, tflite, pixels, normalization=normalization, tolerance=tolerance
        )
        beside = (network, tflite, pixels, normalization, proof.tolerance)
        ours = check_delegate(*beside) if delegate else {}
    same = proof.holds and all(one.holds for one in ours.values())
    if as_json:
        compared = {name: asdict(check) for name, check in ours.items()}
        print_json({**proof.as_dict(), **({"delegate": compared} if delegate else {})})
    else:
        typer.echo(f"{proof.images} images:\n{proof}")
        for line in lines_of(ours):
            typer.echo(line)
        typer.echo("the same" if same else f"they differ (tolerance: {proof.tolerance:g})")
    raise typer.Exit(0 if same else 1)


def _options(tflite: bytes) -> dict:
    """Size, classes and end of the model of the zoo that a .tflite came from."""
    from larq_bvit.convert.tflite.closing_softmax import ends_in_softmax
    from larq_bvit.convert.tflite.flatbuffer import read

    graph = read(tflite)
    shape = graph.tensors[graph.inputs[0]].shape
    if len(shape) != 4:
        raise ValueError(f"expected a .tflite of images (batch, H, W, C); got input {shape}")
    scores = graph.tensors[graph.outputs[0]].shape
    return {
        "input_size": f"{shape[1]}x{shape[2]}",
        "classes": scores[-1],
        "logits": not ends_in_softmax(graph),
    }
