"""What training on ImageNet for 300 epochs takes, from measured rates and counted work.

    python -m benchmarks.imagenet_plan [--bandwidth 4.8]

Reads docs/benchmarks/train.json (`make bench-train`) and counts what the recipe
binaryvit_imagenet computes and moves per image.
"""

import json
from math import prod
from pathlib import Path
from typing import Annotated, Any

import typer

from larq_bvit._quiet import import_tensorflow
from larq_bvit.cli.common import console

_MEASURED = Path(__file__).parent.parent / "docs" / "benchmarks" / "train.json"
IMAGES, EPOCHS = 1_281_167, 300
_PASSES = 3  # of a train step, in forward ones: backward computes and moves twice as much


def main(
    bandwidth: Annotated[
        float, typer.Option(help="Of the accelerator's memory.", metavar="TB/S")
    ] = 4.8,
) -> None:
    """Print the plan."""
    import_tensorflow()
    from benchmarks.training import feeding, steps
    from larq_bvit import zoo

    student, teacher = zoo.create("binaryvit_small"), zoo.create("deit_small")
    counts = [zoo.profile(model) for model in (student, teacher)]
    macs = [count.binary_macs + count.float_macs for count in counts]
    flop = 2 * (_PASSES * macs[0] + macs[1])
    moved = 2 * _PASSES * _elements(student) + 2 * _elements(teacher)
    content = json.loads(_MEASURED.read_text(encoding="utf-8"))
    measured = content["steps"]["results"]["224"]
    step = steps.rate(measured, steps.fastest(measured))
    pipeline = feeding.rate(content["pipeline"]["results"]["224"])
    cores = content["pipeline"]["machine"]["cores"]
    say, images = console().print, IMAGES * EPOCHS
    say(f"images: {images / 1e6:.0f} million")
    say(f"products: {flop / 1e9:.0f} GFLOP an image, {flop * images / 1e18:.1f} EFLOP in all")
    for name, size in (("float32", 4), ("bfloat16", 2)):
        rate = bandwidth * 1e12 / (moved * size)
        say(
            f"maps in {name}: {moved * size / 1e9:.1f} GB an image; at {bandwidth} TB/s at most "
            f"{rate:,.0f} images/s, {_hours(images / rate)} at least"
        )
    say(f"measured here, {cores} cores: {step:.1f} images/s, {_hours(images / step)}")
    say(f"input pipeline here: {pipeline:,.0f} images/s, {pipeline / cores:,.0f} a core")
    for rate in (500, 1000, 2000):
        needed = rate * cores / pipeline
        say(f"at {rate:,} images/s: {_hours(images / rate)}, {needed:.1f} cores for the pipeline")


def _elements(model: Any) -> int:
    """Numbers in the outputs of all layers, for one image; each is written and read."""
    shapes = [layer.output_shape for layer in model.layers]
    return sum(prod(shape[1:]) for shape in shapes if not isinstance(shape, list))


def _hours(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:.0f} hours" if hours < 96 else f"{hours / 24:.0f} days"


if __name__ == "__main__":
    typer.run(main)
