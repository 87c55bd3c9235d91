"""`larq-bvit jax-export`: a recipe's run for machines that have JAX and no TensorFlow."""

from pathlib import Path
from typing import Annotated

import typer

from larq_bvit._extras import require
from larq_bvit._quiet import hidden_stderr, import_tensorflow
from larq_bvit.cli.common import Changes, DataSet, Recipe, parse_size


def jax_export(
    recipe: Recipe = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="JOB", help="New folder for the job; jobs/RECIPE."),
    ] = None,
    data: DataSet = None,
    changes: Changes = None,
    start: Annotated[
        Path | None,
        typer.Option("--from", metavar="RUN", help="Folder of a run to go on with."),
    ] = None,
    encoded: Annotated[
        bool,
        typer.Option(
            "--encoded", help="Carry image files instead of pixels; the runner then needs Pillow."
        ),
    ] = False,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="SIZE",
            help="Size to carry images of several sizes in; 8/7 of the recipe's.",
        ),
    ] = None,
    parts: Annotated[
        str, typer.Option("--parts", metavar="PARTS", help="all, step (no data), or data alone.")
    ] = "all",
    verify_steps: Annotated[
        int,
        typer.Option(
            "--verify-steps",
            min=0,
            metavar="N",
            help="Steps that TensorFlow takes here, for `run.py --verify` to compare with; 0 for "
            "none, where memory or time lack.",
        ),
    ] = 5,
) -> None:
    """Write a job: a folder that `python JOB/run.py` trains with JAX and NumPy alone.

    It holds the train step, where the run stands, the images, and the runner. All files are below
    16 MiB. `larq-bvit jax-collect` makes a run's folder of it afterwards. Needs
    `pip install "larq_bvit[jax]"`.
    """
    if start is not None and recipe:
        raise ValueError("a run goes on as it was begun: give --from RUN, and no recipe")
    if start is None and recipe is None:
        raise ValueError("expected a RECIPE, or --from RUN; `larq-bvit recipes` lists them")
    if parts not in ("all", "step", "data"):
        raise ValueError(f"expected --parts all, step or data; got {parts!r}")
    from larq_bvit.train.machine_settings import moved
    from larq_bvit.train.recipes import load_recipe
    from larq_bvit.train.run_folder import RunFolder

    size = None if base is None else parse_size(base)
    wanted = [*([f"data.dataset={data}"] if data else []), *(changes or [])]
    if start is not None:
        resolved = moved(load_recipe(RunFolder.open(start).recipe), wanted)
    else:
        resolved = load_recipe(str(recipe), wanted)
    require("jax", "jax")
    import_tensorflow()
    with hidden_stderr():
        from larq_bvit.train.jax_backend.devices import leave_gpus_to_jax
        from larq_bvit.train.jax_backend.exporting import export_job
    leave_gpus_to_jax()
    folder = export_job(
        resolved,
        out or Path("jobs") / resolved.name,
        start=start,
        encoded=encoded,
        base=size,
        parts=parts,
        verify_steps=verify_steps,
    )
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    typer.echo(f"wrote {folder}: {len(sizes)} files, {sum(sizes) / 1e6:.1f} MB")
    if parts != "data":
        typer.echo(f"train it where JAX is: python {folder}/run.py")
