"""`larq-bvit demo`: one image, one model, Keras and converted, side by side."""

from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

import typer

from larq_bvit.cli.choice import Choice, choose, default_choice
from larq_bvit.cli.common import (
    AsJson,
    Seed,
    TrainedModel,
    Weights,
    console,
    print_json,
    random_weights_note,
)
from larq_bvit.cli.convert import run_conversion
from larq_bvit.cli.predict import read_images
from larq_bvit.cli.steps import Steps

if TYPE_CHECKING:
    import numpy as np

_IMAGE = "a photograph of the cat Chelsea by Stefan van der Walt, CC0 (larq_bvit/assets/README.md)"
_NEXT = """\
next, in Python:

    from larq_bvit import convert, zoo
    model = zoo.BinaryViT(pretrained=True, num_classes=5)  # a new classifier: fit it
    open("model.tflite", "wb").write(convert.to_tflite(model))"""


def demo(
    model: TrainedModel = None,
    weights: Weights = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Run an example image in Keras and as .tflite.

    Builds a model, converts it, runs both and compares their answers.
    """
    choice = default_choice(weights) if model is None else choose(model, weights)
    choice.check_normalization()
    report = _run(choice, seed, Steps(quiet=as_json))
    if as_json:
        print_json(report)
    else:
        _print(report)


def _run(choice: Choice, seed: int, step: Steps) -> dict[str, Any]:
    """The whole demo as JSON-able values."""
    size = choice.size(None)
    with as_file(files("larq_bvit") / "assets" / "cat.jpg") as path:
        pixels = step("import TensorFlow", lambda: read_images([path], size))
    from larq_bvit.zoo.images import preprocess_input

    image = preprocess_input(pixels)
    network = step(f"build {choice.model}", lambda: choice.build(size=size, seed=seed, logits=True))
    keras = step("run in Keras", lambda: network(image, training=False).numpy())
    conversion = step("convert and verify", lambda: run_conversion(network))
    tflite = conversion.tflite
    from larq_bvit.convert import Interpreter

    lce = step("run the .tflite", lambda: Interpreter(tflite).predict(image))
    return {
        "model": choice.model,
        "weights": choice.origin,
        "random_weights": choice.random,
        "seed": seed,
        "image": _IMAGE,
        **compare(keras, lce, choice.shown_names()),
        "binary_layers": conversion.binary_layers,
        "bytes": len(tflite),
        "float_bytes": 4 * network.count_params(),
        "seconds": step.seconds,
    }


def compare(
    keras: "np.ndarray", lce: "np.ndarray", names: list[str] | None = None
) -> dict[str, Any]:
    """The best classes by both logits (1, classes), and how far apart the two are."""
    import numpy as np

    from larq_bvit.zoo.images import decode_predictions

    def softmax(logits: "np.ndarray") -> "np.ndarray":
        exponentials = np.exp(logits - logits.max())
        return exponentials / exponentials.sum()

    def best(logits: "np.ndarray") -> list[dict[str, Any]]:
        ranked = decode_predictions(logits, classes=names)[0]
        probabilities = np.sort(softmax(logits)[0])[::-1]
        return [
            {"wnid": wnid, "name": name, "logit": logit, "probability": float(probability)}
            for (wnid, name, logit), probability in zip(ranked, probabilities, strict=False)
        ]

    return {
        "keras": best(keras),
        "tflite": best(lce),
        "same_top_1": bool(keras.argmax() == lce.argmax()),
        "largest_logit": float(np.abs(keras).max()),
        "largest_difference": {
            "logits": float(np.abs(keras - lce).max()),
            "probabilities": float(np.abs(softmax(keras) - softmax(lce)).max()),
        },
    }


def _print(report: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table()
    for title in ("Keras", ".tflite in LCE's interpreter"):
        table.add_column(f"{title}\n   logit        p  class")
    for pair in zip(report["keras"], report["tflite"], strict=True):
        table.add_row(*("{logit:8.2f} {probability:8.2%}  {name}".format(**one) for one in pair))
    weights = report["weights"] or "random weights"
    typer.echo(f"\n{report['image']}, by {report['model']} with {weights}:")
    console().print(table)
    if report["random_weights"]:
        typer.echo(random_weights_note(report["seed"], "these classes mean nothing yet"))
    difference, ratio = report["largest_difference"], report["float_bytes"] / report["bytes"]
    typer.echo(
        f"""
same best class    {"yes" if report["same_top_1"] else "no"}
largest difference {difference["logits"]:.1e} of logits up to {report["largest_logit"]:.1f}, \
{difference["probabilities"]:.1e} of probabilities
binary layers      {report["binary_layers"]}{", all bit-packed" if report["binary_layers"] else ""}
file size          {report["bytes"] / 1e6:.2f} MB; in float32 {report["float_bytes"] / 1e6:.2f} \
MB, {ratio:.1f} times as much
The times above are of single runs with everything included, no benchmark.

{_NEXT}"""
    )
