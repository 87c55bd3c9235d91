"""`larq-bvit benchmark`: how fast models run, here, on phones and on boards."""

import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from larq_bvit._extras import require
from larq_bvit._quiet import import_tensorflow
from larq_bvit._toml import unknown
from larq_bvit.cli.catalog import CATALOG
from larq_bvit.cli.common import (
    AsJson,
    check_folder,
    check_output,
    console,
    parse_size,
    write_atomically,
)

if TYPE_CHECKING:
    from larq_bvit.bench.results import Accuracy, Results

_FORMATS = ".html", ".json", ".csv"
_ELSEWHERE = (
    "for other machines alone, or here with a --binary or --tflite-lib that this one can run; "
    "LARQ_BVIT_DELEGATE names another build of the delegate"
)


def benchmark(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL|FILE...",
            help="Models or weights of `larq-bvit list`, or .tflite files. NAME:float32, NAME:int8 "
            "and NAME:dynamic are full-precision twins, made here.",
        ),
    ],
    on: Annotated[
        list[str] | None,
        typer.Option(
            "--on",
            metavar="PLACE",
            help="local, adb, adb:SERIAL or ssh:HOST; local without it. May be repeated.",
        ),
    ] = None,
    runtime: Annotated[
        str | None,
        typer.Option(
            "--runtime",
            metavar="NAME,...",
            help="lce, lce:indirect, lce:xnnpack, delegate, delegate:ISA, xnnpack; what suits each "
            "file without it.",
        ),
    ] = None,
    threads: Annotated[
        str, typer.Option("--threads", metavar="N,...", help="Numbers of threads: 1,2,4.")
    ] = "1",
    runs: Annotated[
        int | None,
        typer.Option(
            "--runs",
            metavar="N",
            min=1,
            help="Interleaved rounds, a sample each; 20 here, 5 on other machines without it.",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="NAME,...",
            help="More models, to compare with: deit_small:float32,deit_small:int8,resnet18:int8.",
        ),
    ] = None,
    input_size: Annotated[
        str | None,
        typer.Option(
            "--input-size",
            metavar="SIZE",
            help="Of models by name: 224, or 64x96 (HxW); what their weights are for, or 224.",
        ),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            "--images",
            metavar="PATH",
            exists=True,
            help="Folder of images for the ranges of int8 twins; a photograph without it.",
        ),
    ] = None,
    accuracy: Annotated[
        list[str] | None,
        typer.Option(
            "--accuracy",
            metavar="NAME=PERCENT[@DATA]",
            help="Top-1 that you have measured, and on what, for the report: mine=62.4@cifar10. Of "
            "published weights it is known.",
        ),
    ] = None,
    profile: Annotated[
        bool, typer.Option("--profile/--no-profile", help="Time single operators, too.")
    ] = True,
    binary: Annotated[
        list[Path] | None,
        typer.Option(
            "--binary",
            metavar="FILE",
            exists=True,
            help="TensorFlow Lite's benchmark_model or LCE's lce_benchmark_model, for that place.",
        ),
    ] = None,
    tflite_lib: Annotated[
        list[Path] | None,
        typer.Option(
            "--tflite-lib",
            metavar="FILE",
            exists=True,
            help="TensorFlow Lite's C library for that place, a .so or an .aar, for our runner.",
        ),
    ] = None,
    delegate: Annotated[
        list[Path] | None,
        typer.Option(
            "--delegate", metavar="FILE", exists=True, help="Our delegate, built for that place."
        ),
    ] = None,
    runner: Annotated[
        list[Path] | None,
        typer.Option(
            "--runner", metavar="FILE", exists=True, help="Our runner, built for that place."
        ),
    ] = None,
    cool_down: Annotated[
        float | None,
        typer.Option(
            "--cool-down",
            metavar="SECONDS",
            min=0,
            help="Between rounds there; without it until it is nearly as cool as at first.",
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout", metavar="SECONDS", min=1, help="That a process there may take; 300."
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave what was copied to the place there.")
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(
            "--cache",
            metavar="DIR",
            file_okay=False,
            help="Folder that keeps models that were made; the user's cache folder without it.",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="OUT.html", help="A page to look at, in one file."),
    ] = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output", "-o", metavar="OUT", help=".json, .csv or .html; may be repeated."
        ),
    ] = None,
    plots: Annotated[
        Path | None,
        typer.Option("--plots", metavar="DIR", file_okay=False, help="Folder for PNG plots."),
    ] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, with timm's columns.")] = False,
) -> None:
    """Measure how fast models run: interleaved, pinned, against each other.

    All are loaded; then all have a turn in every round, in a shuffled order, and medians with 95%
    intervals are compared. What fails is named below the table, and the exit code is 1.
    """
    outputs = [*(output or []), *([report] if report else [])]
    _check_outputs(outputs, plots, as_json and as_csv)
    baselines = [text.strip() for text in against.split(",")] if against else []
    accuracies = dict(_accuracy(text) for text in accuracy or [])
    from larq_bvit.bench.entry import parse_runtimes, parse_threads
    from larq_bvit.bench.place_name import LOCAL, parse_place
    from larq_bvit.bench.subjects.subject import INTEGER, Making, all_subjects

    places = tuple(dict.fromkeys(on or [LOCAL]))
    for place in places:
        parse_place(place)
    making = Making(parse_size(input_size) if input_size else None, images)
    subjects = all_subjects(models, baselines, CATALOG, making)
    made = {"--images": images, "--input-size": input_size}
    if all(each.path is not None for each in subjects):
        _refuse(made, "for models by name alone; got files")
    if images and not any(each.text.endswith(f":{INTEGER}") for each in subjects):
        _say(f"note: --images changes nothing: no model is made in {INTEGER}")
    chosen, counts = parse_runtimes(runtime) if runtime else None, parse_threads(threads)
    _check_names(accuracies, [subject.name for subject in subjects])
    import_tensorflow()  # all that the user may have mistaken was looked at before its seconds
    from larq_bvit.bench.remote.flow import TIMEOUT
    from larq_bvit.bench.remote.programs import Programs
    from larq_bvit.bench.request import Request
    from larq_bvit.bench.run import benchmark as run
    from larq_bvit.runtime.library import NAME, RUNNER, installed
    from larq_bvit.zoo.weight_files import cache_folder

    there: dict[str, Any] = {"--binary": binary, "--tflite-lib": tflite_lib, "--delegate": delegate}
    there |= {"--runner": runner, "--cool-down": cool_down, "--timeout": timeout}
    request = Request(
        command=shlex.join(["larq-bvit", *sys.argv[1:]]),
        options=tuple(_again({"--runs": runs})),
        subjects=subjects,
        baselines=tuple(s.name for s in subjects if s.baseline),
        places=places,
        runtimes=chosen,
        threads=counts,
        rounds=runs,
        cache=cache or cache_folder() / "benchmark",
        profile=profile,
        accuracies=accuracies,
        programs=Programs(
            binaries=tuple(binary or []),
            libraries=tuple(tflite_lib or []),
            runners=(*(runner or []), *installed(RUNNER)),
            delegates=(*(delegate or []), *installed(NAME)),
        ),
        cool_down=cool_down,
        timeout=timeout or TIMEOUT,
        keep=keep,
        options_made=tuple(_again(made)),
        options_there=tuple(_again(there)),
    )
    if all(request.is_here(place) for place in places):
        _refuse({**there, "--keep": keep or None}, _ELSEWHERE)
    results = run(request, _say)
    _write(results, outputs, plots)  # first: a pipe that closes must not cost minutes of work
    _print(results, as_json, as_csv)
    if any(measured.error for measured in results.measurements):
        raise typer.Exit(1)
    if len({one.place for one in results.measurements}) < len(places):
        raise typer.Exit(1)  # what was measured before it was stopped


def _check_outputs(outputs: list[Path], plots: Path | None, both: bool) -> None:
    """Before minutes of work, that its results can be written."""
    for path in outputs:
        check_output(path, *_FORMATS)
    if plots is not None:
        require("matplotlib", "plot")
        plots.mkdir(parents=True, exist_ok=True)
        check_folder(plots)
    if both:
        raise ValueError("expected --json or --csv; got both")


def _refuse(options: "dict[str, Any]", why: str) -> None:
    """Options that were given and would change nothing."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise ValueError(f"{', '.join(given)}: {why}")


def _again(options: "dict[str, Any]") -> "Iterator[str]":
    """Options that were given, as words of a command."""
    for name, value in options.items():
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                yield from (name, str(each))


def _accuracy(text: str) -> "tuple[str, Accuracy]":
    """(name, accuracy) of NAME=PERCENT or NAME=PERCENT@DATA."""
    from larq_bvit.bench.results import Accuracy

    name, _, value = text.rpartition("=")
    percent, _, dataset = value.partition("@")
    try:
        share = float(percent.removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not name or not 0 <= share <= 1:
        raise ValueError(f"expected --accuracy NAME=PERCENT, such as nano=62.4; got {text!r}")
    return name, Accuracy(share, dataset=dataset or None)


def _check_names(names: Iterable[str], known: list[str]) -> None:
    for name in names:
        if name not in known:
            raise unknown("file in --accuracy", name, known)


def _say(text: str) -> None:
    """What is under way, on stderr, where it is out of the way of JSON and CSV."""
    typer.echo(text, err=True)


def _write(results: "Results", outputs: list[Path], plots: Path | None) -> None:
    from larq_bvit.bench import report

    make = {".html": report.to_html, ".json": lambda r: r.to_json(), ".csv": report.to_csv}
    for path in outputs:
        write_atomically(path, make[path.suffix](results).encode())
        typer.echo(f"wrote {path}", err=True)
    if plots is not None:
        for name, png in report.to_png(results).items():
            write_atomically(plots / f"{name}.png", png)
            typer.echo(f"wrote {plots / name}.png", err=True)


def _print(results: "Results", as_json: bool, as_csv: bool) -> None:
    from larq_bvit.bench import report

    if as_json:
        typer.echo(results.to_json(), nl=False)
    elif as_csv:
        typer.echo(report.to_csv(results), nl=False)
    else:
        screen = console()
        for part in report.to_terminal(results):
            screen.print(part)
