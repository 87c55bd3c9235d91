"""`larq-bvit jax-collect`: what JAX has trained as a run's folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from larq_bvit._extras import require
from larq_bvit._quiet import hidden_stderr, import_tensorflow

if TYPE_CHECKING:
    from larq_bvit.train.evaluation import Evaluation


def jax_collect(
    job: Annotated[Path, typer.Argument(metavar="JOB", help="Folder of `larq-bvit jax-export`.")],
    out: Annotated[Path, typer.Option("--out", metavar="RUN", help="New folder for the run.")],
    best: Annotated[
        bool,
        typer.Option(
            "--best",
            help="The best weights alone, of best/, history.csv and recipe.toml: a run that "
            "cannot be resumed.",
        ),
    ] = False,
) -> None:
    """Make a run's folder of a job, as `larq-bvit train` makes it.

    It gets the recipe, the history, weights.h5, best.h5 with Keras' evaluation, a report, and a
    checkpoint: `larq-bvit train --resume RUN` goes on with it, and so does `jax-export --from RUN`.
    """
    require("matplotlib", "plot")  # for the report
    import_tensorflow()
    with hidden_stderr():
        from larq_bvit.train.jax_backend.collecting import collect, collect_best
    show(out, collect_best(job, out) if best else collect(job, out))
    if best:
        typer.echo(f"{out} has no checkpoint: it cannot be resumed")


def show(run: Path, evaluation: "Evaluation | None") -> None:
    """Writes a run's report; says what came out."""
    from larq_bvit.train.run_report import report

    if evaluation is None:
        typer.echo(f"wrote {run}: a checkpoint within the first epoch")
        return
    top_5 = f", top-5 {evaluation.top_5}" if evaluation.top_5 else ""
    typer.echo(f"top-1 {evaluation.top_1}{top_5} of {run / 'best.h5'}")
    typer.echo(f"wrote {report(run)}")
