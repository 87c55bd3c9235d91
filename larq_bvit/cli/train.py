"""`larq-bvit train`: a recipe's run, from the beginning or from where it stopped."""

from pathlib import Path
from typing import Annotated

import typer

from larq_bvit._extras import require
from larq_bvit._quiet import hidden_stderr, import_tensorflow
from larq_bvit.cli.common import Changes, DataSet, Recipe
from larq_bvit.cli.jax_collect import show


def train(
    recipe: Recipe = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="RUN", help="New folder for the run; runs/RECIPE."),
    ] = None,
    data: DataSet = None,
    changes: Changes = None,
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
    backend: Annotated[
        str,
        typer.Option("--backend", metavar="NAME", help="tensorflow, or jax for GPUs it lacks."),
    ] = "tensorflow",
    jax_python: Annotated[
        Path | None,
        typer.Option(
            "--jax-python",
            metavar="PYTHON",
            help="A Python with JAX and NumPy for --backend jax; this one.",
        ),
    ] = None,
) -> None:
    """Train a model by a recipe.

    The folder gets the resolved recipe, checkpoints, the history, TensorBoard's files, weights.h5
    and best.h5, and at the end evaluation.json and report.md. SIGTERM saves and ends the run;
    --resume goes on with it, also after a crash, and on other devices; where its files lie
    elsewhere by then, --data and --set say where.
    """
    _check_backend(backend, jax_python, resume, strategy)
    if resume is not None:
        if recipe or out:
            raise ValueError("a run is resumed in its place: give --resume RUN, no RECIPE or --out")
        folder = resume
    elif recipe is None:
        raise ValueError("expected a RECIPE, or --resume RUN; `larq-bvit recipes` lists them")
    from larq_bvit.train.recipes import load_recipe

    require("matplotlib", "plot")  # for the report at the end
    wanted = [*([f"data.dataset={data}"] if data else []), *(changes or [])]
    if resume is None:
        resolved = load_recipe(str(recipe), wanted)
        folder = out or Path("runs") / resolved.name
    if backend == "jax":
        require("jax", "jax")
    import_tensorflow()
    if backend == "jax":
        with hidden_stderr():
            from larq_bvit.train.interruption import InterruptedRun
            from larq_bvit.train.jax_backend import devices
            from larq_bvit.train.jax_backend import running as jax_running
        devices.leave_gpus_to_jax()
        try:
            evaluation = jax_running.train(resolved, folder, python=jax_python)
        except InterruptedRun as stop:
            typer.echo(f"{stop}: give the same command again", err=True)
            raise typer.Exit(stop.exit_code) from None
        show(folder, evaluation)
        return
    with hidden_stderr():
        from larq_bvit.train import running, workers
        from larq_bvit.train.interruption import InterruptedRun
        from larq_bvit.train.not_finite import NotFiniteError
        from larq_bvit.train.strategy import make_strategy
    where = make_strategy(strategy)
    try:
        evaluation = (
            running.resume(folder, where, wanted)
            if resume
            else running.train(resolved, folder, where)
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
        show(folder, evaluation)


def _check_backend(
    backend: str, jax_python: Path | None, resume: Path | None, strategy: str
) -> None:
    if backend not in ("tensorflow", "jax"):
        raise ValueError(f"expected --backend tensorflow or jax; got {backend!r}")
    if backend == "tensorflow" and jax_python is not None:
        raise ValueError("--jax-python is for --backend jax")
    if backend == "jax" and resume is not None:
        raise ValueError(
            f"JAX goes on with a run as a job: larq-bvit jax-export --from {resume} --out JOB"
        )
    if backend == "jax" and strategy != "default":
        raise ValueError(f"JAX trains on one device; got --strategy {strategy}")
