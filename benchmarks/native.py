"""Benchmark of the native delegate: against LCE's interpreter, and against full precision.

    python -m benchmarks.native [--sections speed,start,shares,kernels] [--images PATH] [--quick]

Sections: speed, all runtimes in one interleaved run; start, load and first inference; shares, where
the time goes; kernels, bare binary products. The .tflite files are made on first use, which takes
about ten minutes; then in full about ten minutes on two cores. A run in full updates
docs/benchmarks/native.md, the .json and the picture beside it, section by section; a quick run
only prints, unless --output says where to write. LARQ_BVIT_DELEGATE names another library than the
installed one.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from larq_bvit._quiet import import_tensorflow
from larq_bvit.cli.common import console

_ROOT = Path(__file__).parent.parent
PAGE = _ROOT / "docs" / "benchmarks" / "native.md"
SECTIONS = ("speed", "start", "shares", "kernels")
_BUSY = {
    True: "The machine was busy with other work: times are upper bounds, ratios count.",
    False: "The machine had a core to spare.",
}


def main(
    sections: Annotated[
        str, typer.Option(help="Some of them.", metavar=",".join(SECTIONS))
    ] = ",".join(SECTIONS),
    images: Annotated[
        Path | None,
        typer.Option(
            help="Folder of images, or an archive in the layout of tiny-imagenet-200, for the "
            "ranges of the 8-bit models; parts of a photograph without.",
            metavar="PATH",
            exists=True,
        ),
    ] = None,
    count: Annotated[int, typer.Option(help="Number of images.", metavar="N", min=1)] = 64,
    rounds: Annotated[int, typer.Option(help="Of the speeds.", metavar="N", min=1)] = 20,
    cache: Annotated[
        Path, typer.Option(help="Folder that keeps what is made.", metavar="DIR", file_okay=False)
    ] = _ROOT / "build" / "bench-native",
    quick: Annotated[
        bool, typer.Option("--quick", help="A small model, few rounds, no bare products.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Page to write.", metavar="PATH.md", show_default=False)
    ] = None,
) -> None:
    """Measure the native delegate."""
    wanted = list(dict.fromkeys(sections.split(",")))
    if unknown := set(wanted) - set(SECTIONS):
        raise typer.BadParameter(
            f"expected sections of {', '.join(SECTIONS)}; got {', '.join(sorted(unknown))}"
        )
    import_tensorflow()  # without its chatter
    from benchmarks.native_speed import document, goals
    from benchmarks.native_speed.measures import Measures
    from larq_bvit.bench import machine

    if quick:
        rounds = min(rounds, 3)
        wanted = [name for name in wanted if name != "kernels"]
    screen, content = console(), {}
    measures = Measures(cache, images, count, rounds, quick, screen.print)
    path = output or (None if quick else PAGE)
    computer = machine()  # before its load is ours
    for name in wanted:
        result = getattr(measures, name)()
        content[name] = {
            "about": [
                *(str(computer), date.today().isoformat()),
                f"`{_command(name, images, count, rounds, quick)}`",
                _BUSY[computer.busy],
            ],
            "machine": computer.as_dict(),
            "result": result,
        }
        if path:
            document.write(path, {name: content[name]})
    results = {name: entry["result"] for name, entry in content.items()}
    for name in wanted:
        for table in document.tables(name, results):
            screen.print(table.rich())
    screen.print(goals.table(results).rich())


def _command(name: str, images: Path | None, count: int, rounds: int, quick: bool) -> str:
    """How to repeat a section, without the user's folders."""
    words = ["python -m benchmarks.native --sections", name]
    if name == "speed":
        words += [f"--images {images.name} --count {count}"] if images else []
        words += [f"--rounds {rounds}"]
    return " ".join([*words, *(["--quick"] if quick else [])])


if __name__ == "__main__":
    typer.run(main)
