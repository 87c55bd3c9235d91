"""`larq-bvit compare`: runs side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from larq_bvit.cli.common import AsJson, console, print_json

if TYPE_CHECKING:
    from larq_bvit.train.run_summary import RunSummary


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN", help="Folders of `larq-bvit train`, two or more."),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="For comparison.md and comparison.png.")
    ] = Path("comparison"),
    as_json: AsJson = False,
) -> None:
    """Compare runs of training: accuracy, time, and what differs in their recipes.

    The highest top-1 comes first; what others have less is told where the images are the same,
    with a paired interval. Runs may still be going on; then the highest accuracy of their
    epochs so far counts, and is marked.
    """
    from larq_bvit.train.comparison import read_runs, write_comparison

    read = read_runs(runs)
    page = write_comparison(read, out)
    if as_json:
        print_json([{**run.as_dict(), "against_first": _against(run, read[0])} for run in read])
        return
    _print(read)
    typer.echo(f"wrote {page}")


def _against(run: "RunSummary", first: "RunSummary") -> "dict[str, Any] | None":
    difference = None if run is first else run.difference_to(first)
    return None if difference is None else difference.as_dict()


def _print(runs: "list[RunSummary]") -> None:
    from rich.table import Table

    from larq_bvit.train.comparison_page import NOT_FINAL, figures

    table = Table(box=None, pad_edge=False)
    lines = figures(runs)
    for line in lines:
        for heading in ("What", "1-bit weights (M)", "MACs (M), 1-bit + float", "OPs (M)"):
            del line[heading]  # too wide for a terminal; they are in the page
    for heading in lines[0]:
        if heading == "Run":
            table.add_column(heading, overflow="fold")
        else:
            table.add_column(heading, justify="right", no_wrap=True)
    for line in lines:
        table.add_row(*line.values())
    console().print(table)
    if any(run.evaluation is None and run.top_1 is not None for run in runs):
        typer.echo(NOT_FINAL)
