"""Benchmark of training: steps per second beside the published PyTorch code, and the pipeline.

    git clone https://github.com/Phuoc-Hoan-Le/BinaryViT
    python -m benchmarks.train --published BinaryViT --images FOLDER [--torch-python PYTHON]

The published code needs PyTorch and transformers, in this environment or in the one whose Python
is named. In full about ten minutes on two cores; it updates docs/benchmarks/train.md and the .json
beside it.
"""

import json
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from larq_bvit.bench import machine
from larq_bvit.cli.common import console

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "train.md"
_BUSY = "The machine was busy with other work: rates are lower bounds, ratios count."


def main(
    published: Annotated[
        Path,
        typer.Option(
            help="Clone of github.com/Phuoc-Hoan-Le/BinaryViT.",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
        ),
    ],
    images: Annotated[
        Path,
        typer.Option(
            help="Class folders of small JPEG files, such as Tiny-ImageNet's `train`.",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
        ),
    ],
    torch_python: Annotated[
        Path,
        typer.Option(help="Python that has PyTorch and transformers.", metavar="PYTHON"),
    ] = Path(sys.executable),
    rounds: Annotated[int, typer.Option(help="Steps of each side.", metavar="N", min=1)] = 6,
    output: Annotated[Path, typer.Option(help="Page to write.", metavar="PATH.md")] = PAGE,
) -> None:
    """Measure training."""
    from benchmarks.training import document, feeding, steps

    screen, computer = console(), machine()
    torch = str(torch_python.expanduser().absolute())
    results: list[dict[str, Any]] = []
    for case in steps.CASES:
        screen.print(f"train steps at {case.size} pixels")
        step = steps.measure(case, str(published.absolute()), torch, rounds)
        with tempfile.TemporaryDirectory() as folder:
            data = f"folder:{images.absolute()}"
            if case.size > 64:
                data = feeding.enlarged(images, Path(folder))
            screen.print(f"input pipeline at {case.size} pixels")
            results.append({"step": step, "feeding": feeding.measure(case, data, rounds)})
        screen.print(steps.table(step).rich())
    about = [str(computer), date.today().isoformat()]
    about.append(f"`python -m benchmarks.train --published BinaryViT --images {images.name}`")
    about += [_BUSY] if computer.busy else []
    content = {"about": about, "machine": computer.as_dict(), "results": results}
    output.parent.mkdir(parents=True, exist_ok=True)
    output.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    output.write_text(document.page(content), encoding="utf-8")
    screen.print(document.goals(content).rich())


if __name__ == "__main__":
    typer.run(main)
