"""Benchmark of training: beside the published PyTorch code, the pipeline, and JAX.

    git clone https://github.com/Phuoc-Hoan-Le/BinaryViT
    python -m benchmarks.train --images FOLDER --published BinaryViT [--torch-python PYTHON]
    python -m benchmarks.train --images FOLDER --sections pipeline,jax --jax-python PYTHON

The published code needs PyTorch and transformers, a job JAX and NumPy, in this environment or in
the one whose Python is named; JAX is needed here, too, as jobs are made here. In full about 20
minutes on two cores. A run updates its sections of docs/benchmarks/train.md and of the .json beside
it, each as soon as it is measured.
"""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from larq_bvit.bench import machine
from larq_bvit.bench.timing import ends
from larq_bvit.cli.common import console

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "train.md"
_BUSY = "The machine was busy with other work: rates are lower bounds, ratios count."


def main(
    images: Annotated[
        Path,
        typer.Option(
            help="Class folders of small JPEG files, such as Tiny-ImageNet's `train`.",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
        ),
    ],
    published: Annotated[
        Path | None,
        typer.Option(
            help="Clone of github.com/Phuoc-Hoan-Le/BinaryViT.",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    sections: Annotated[
        str, typer.Option(help="Of steps, pipeline and jax.", metavar="NAME,...")
    ] = "steps,pipeline,jax",
    torch_python: Annotated[
        Path,
        typer.Option(help="Python that has PyTorch and transformers.", metavar="PYTHON"),
    ] = Path(sys.executable),
    jax_python: Annotated[
        Path, typer.Option(help="Python that has JAX and NumPy.", metavar="PYTHON")
    ] = Path(sys.executable),
    rounds: Annotated[int, typer.Option(help="Steps of each side.", metavar="N", min=1)] = 6,
    output: Annotated[Path, typer.Option(help="Page to write.", metavar="PATH.md")] = PAGE,
) -> None:
    """Measure training."""
    from benchmarks.training import backends, document, feeding, steps

    wanted = sections.split(",")
    if unknown := set(wanted) - {"steps", "pipeline", "jax"}:
        raise typer.BadParameter(f"expected of steps, pipeline, jax; got {', '.join(unknown)}")
    if "steps" in wanted and published is None:
        raise typer.BadParameter("expected --published, the published code to compare with")
    screen, beside = console(), output.with_suffix(".json")
    content = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else {}
    output.parent.mkdir(parents=True, exist_ok=True)
    computer = machine()  # before its load is ours
    for section in wanted:
        results = {}
        for case in backends.CASES if section == "jax" else steps.CASES:
            screen.print(f"{section}: {case.recipe} at {case.size} pixels")
            if section == "steps":
                folder, python = published.absolute(), torch_python.expanduser().absolute()
                results[str(case.size)] = steps.measure(case, str(folder), str(python), rounds)
            elif section == "pipeline":
                results[str(case.size)] = feeding.measure(case, images.absolute(), rounds)
            else:
                python = jax_python.expanduser().absolute()
                measured = backends.measure(case, images.absolute(), str(python), rounds)
                results[case.recipe] = measured
        content[section] = {
            "about": [
                *(str(computer), date.today().isoformat()),
                f"`{_command(section, rounds)}`; in parentheses: {ends(rounds)}",
                *([_BUSY] if computer.busy else []),
            ],
            "machine": computer.as_dict(),
            "results": results,
        }
        beside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        output.write_text(document.page(content), encoding="utf-8")
    screen.print(document.goals(content).rich())


def _command(section: str, rounds: int) -> str:
    """How to repeat a section, without the user's folders."""
    published = " --published BinaryViT" if section == "steps" else ""
    named = f"--sections {section} --rounds {rounds}"
    return f"python -m benchmarks.train --images FOLDER{published} {named}"


if __name__ == "__main__":
    typer.run(main)
