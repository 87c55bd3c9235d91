"""Benchmark of conversion: sizes, operators, seconds, speed against LCE's own, agreement.

    python -m benchmarks.convert [--sections a,b,c] [--models NAME,...] [--images PATH] [--quick]

Sections: a, every model of the zoo; b, BinaryViT small against LCE's own conversion; c, agreement
with Keras on images. In full about 20 minutes on two cores. A run in full updates
docs/benchmarks/convert.md and the .json beside it, section by section; runs on a choice of models
only print, unless --output says where to write.
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from larq_bvit._quiet import import_tensorflow
from larq_bvit.cli.common import console

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "convert.md"
_COMPARED = ("binaryvit_small", "reactnet_a", "birealnet_18")
_BUSY = {
    True: "The machine was busy with other work: times are upper bounds.",
    False: "The machine had a core to spare.",
}


def main(
    sections: Annotated[str, typer.Option(help="Of a, b and c.", metavar="a,b,c")] = "a,b,c",
    models: Annotated[
        str | None, typer.Option(help="Only these models of the zoo.", metavar="NAME,...")
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            help="Folder of images, or an archive in the layout of tiny-imagenet-200, for "
            "section c; parts of a photograph without.",
            metavar="PATH",
            exists=True,
        ),
    ] = None,
    count: Annotated[int, typer.Option(help="Number of images.", metavar="N", min=1)] = 200,
    weights: Annotated[
        Path | None,
        typer.Option(
            help="Folder of trained weights NAME.h5; random ones without.",
            metavar="DIR",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(help="Of section b.", metavar="N", min=1)] = 20,
    quick: Annotated[
        bool, typer.Option("--quick", help="One small model, few images and rounds.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Page to write.", metavar="PATH.md", show_default=False)
    ] = None,
) -> None:
    """Measure conversion."""
    wanted = list(dict.fromkeys(sections.split(",")))
    if unknown := set(wanted) - {"a", "b", "c"}:
        raise typer.BadParameter(f"expected sections of a, b and c; got {', '.join(unknown)}")
    import_tensorflow()  # without its chatter
    from benchmarks.conversion import document, goals
    from larq_bvit.bench import machine

    if quick:
        count, rounds = min(count, 8), min(rounds, 3)
    chosen = _cases(models, weights, quick)
    measures = _measures(chosen, images, count, rounds)
    path = output or (None if quick or models else PAGE)
    screen, results = console(), {}
    computer = machine()  # before its load is ours
    for name in wanted:
        result = measures[name](screen.print)
        about = [str(computer), date.today().isoformat()]
        about.append(f"`{_command(name, models, images, count, weights, rounds, quick)}`")
        about.append(f"Weights: {', '.join(sorted({c.weights_name for c in chosen}))}.")
        about.append(_images_line(images, count) if name == "c" else _BUSY[computer.busy])
        results[name] = {"about": about, "result": result}
        for table in document.tables(name, result):
            screen.print(table.rich())
        if path:
            document.write(path, {name: results[name]})
    known = {name: entry["result"] for name, entry in results.items()}
    screen.print(goals.table(known).rich())


def _cases(models: str | None, weights: Path | None, quick: bool) -> list[Any]:
    """What to measure.

    Raises:
        typer.BadParameter: an unknown model.
    """
    from benchmarks.conversion.models import Case, cases

    if quick:
        return [Case("binaryvit_nano", 32, 10)]
    every = cases(weights)
    names = models.split(",") if models else [case.name for case in every]
    if unknown := set(names) - {case.name for case in every}:
        raise typer.BadParameter(f"unknown models: {', '.join(sorted(unknown))}")
    return [case for case in every if case.name in names]


def _measures(
    chosen: list[Any], images: Path | None, count: int, rounds: int
) -> dict[str, Callable[[Callable[[str], None]], dict[str, Any]]]:
    """{section: what measures it and says what is under way}."""
    from benchmarks.conversion import agreement, naive, sizes
    from benchmarks.conversion.models import Conversions
    from larq_bvit.bench.subjects.images import load_images

    compared = [case for case in chosen if case.name in _COMPARED and case.size == 224] or chosen
    conversions, load = Conversions(), partial(load_images, images, count)
    return {
        "a": partial(sizes.measure, chosen, conversions),
        "b": partial(naive.measure, compared[0], rounds),  # by name BinaryViT small is the first
        "c": partial(agreement.measure, compared, load, conversions),
    }


def _images_line(images: Path | None, count: int) -> str:
    from larq_bvit.bench.subjects.images import describe

    return f"Images: {describe(images, count)}."


def _command(
    section: str,
    models: str | None,
    images: Path | None,
    count: int,
    weights: Path | None,
    rounds: int,
    quick: bool,
) -> str:
    """How to repeat it, without the user's folders."""
    options = {
        "--models": models,
        "--weights": weights and weights.name,
        "--images": images.name if images and section == "c" else None,
        "--count": count if section == "c" else None,
        "--rounds": rounds if section == "b" else None,
    }
    words = [f"{name} {value}" for name, value in options.items() if value is not None]
    words += ["--quick"] if quick else []
    return " ".join(["python -m benchmarks.convert --sections", section, *words])


if __name__ == "__main__":
    typer.run(main)
