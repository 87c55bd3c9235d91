"""`larq-bvit train`: a recipe's run, from the beginning or from where it stopped."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from larq_bvit._extras import require
from larq_bvit.cli.quiet import hidden_stderr, import_tensorflow

if TYPE_CHECKING:
    from larq_bvit.train.evaluation import Evaluation


def train(
    recipe: Annotated[
        str | None,
        typer.Argument(metavar="[RECIPE]", help="One of `larq-bvit recipes`, or a .toml."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="RUN", help="New folder for the run; runs/RECIPE."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="DATA", help="Data set instead of the recipe's."),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Field of the recipe: epochs=10."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="RUN", help="Folder of a run to go on with.")
    ] = None,
    strategy: Annotated[
        str,
        typer.Option(
            "--strategy",
            metavar="KIND",
            help="mirrored (all GPUs), workers (of TF_CONFIG), tpu[:ADDRESS], or default: the "
            "workers of TF_CONFIG, else one device.",
        ),
    ] = "default",
) -> None:
    """Train a model by a recipe.

    The folder gets the resolved recipe, checkpoints, the history, TensorBoard's files, weights.h5
    and best.h5, and at the end evaluation.json and report.md. SIGTERM saves and ends the run;
    --resume goes on with it, also after a crash, and on other devices.
    """
    if resume is not None:
        if recipe or out or data or changes:
            raise ValueError("a run is resumed as it was begun: give --resume RUN alone")
        folder = resume
    elif recipe is None:
        raise ValueError("expected a RECIPE, or --resume RUN; `larq-bvit recipes` lists them")
    from larq_bvit.train.recipes import load_recipe

    require("matplotlib", "plot")  # for the report at the end
    if resume is None:
        wanted = [f"data.dataset={data}"] if data else []
        resolved = load_recipe(str(recipe), [*wanted, *(changes or [])])
        folder = out or Path("runs") / resolved.name
    import_tensorflow()
    with hidden_stderr():
        from larq_bvit.train import running, workers
        from larq_bvit.train.interruption import InterruptedRun
        from larq_bvit.train.not_finite import NotFiniteError
        from larq_bvit.train.run_report import report
        from larq_bvit.train.strategy import make_strategy
    where = make_strategy(strategy)
    try:
        evaluation = (
            running.resume(folder, where) if resume else running.train(resolved, folder, where)
        )
    except InterruptedRun as stop:
        typer.echo(f"{stop}: larq-bvit train --resume {folder}", err=True)
        raise typer.Exit(stop.exit_code) from None
    except workers.LostWorkerError as error:
        typer.echo(f"{error}: larq-bvit train --resume {folder}", err=True)
        raise typer.Exit(1) from error
    except NotFiniteError as error:
        raise ValueError(f"{error}; the last good checkpoint is in {folder}") from error
    if where is None or workers.is_chief(where):
        _print(folder, evaluation, report(folder))


def _print(folder: Path, evaluation: "Evaluation", page: Path) -> None:
    typer.echo(f"top-1 {evaluation.top_1}, top-5 {evaluation.top_5} of {folder / 'best.h5'}")
    typer.echo(f"wrote {page}")
