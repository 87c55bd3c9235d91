"""Several runs side by side, for people: comparison.md with their curves."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from larq_bvit._extras import require
from larq_bvit.train.accuracy_curves import accuracy_curves
from larq_bvit.train.comparison_page import comparison_page
from larq_bvit.train.disk import explain_full_disk, write_text
from larq_bvit.train.run_summary import RunSummary, summarise


def compare(runs: Sequence[str | os.PathLike[str]], out: str | os.PathLike[str]) -> Path:
    """Writes comparison.md and comparison.png into the folder `out`; returns the page's path.

    Arguments:
        runs: folders of at least two runs, which may still be going on; nothing is changed there.
        out: made if need be; an older comparison in it is replaced.

    Raises:
        ImportError: matplotlib is missing; nothing is written.
        ValueError: fewer than two runs, one of them twice, one that is no run or has not finished
            an epoch, or `out` is a file; nothing is written.
    """
    return write_comparison(read_runs(runs), out)


def read_runs(runs: Sequence[str | os.PathLike[str]]) -> list[RunSummary]:
    """The runs, highest top-1 first, each with a name of its own.

    Raises:
        ValueError: see `compare`.
    """
    paths = [Path(run) for run in runs]
    if len(paths) < 2:
        raise ValueError(f"expected at least two runs to compare; got {len(paths)}")
    for path, count in Counter(path.resolve() for path in paths).items():
        if count > 1:
            raise ValueError(f"expected different runs; {path} is given {count} times")
    read = _with_own_names([summarise(path) for path in paths])
    return sorted(read, key=lambda run: -1.0 if run.top_1 is None else run.top_1, reverse=True)


def write_comparison(runs: Sequence[RunSummary], out: str | os.PathLike[str]) -> Path:
    """Writes what `compare` does, of `read_runs`.

    Raises:
        ImportError, ValueError: see `compare`.
    """
    require("matplotlib", "plot")
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"expected a folder for the comparison; {out} is a file")
    drawn = accuracy_curves(runs)
    picture, page = folder / "comparison.png", folder / "comparison.md"
    folder.mkdir(parents=True, exist_ok=True)
    with explain_full_disk(picture.name, picture):
        picture.write_bytes(drawn)
    write_text(page, comparison_page(runs, picture.name))
    return page


def _with_own_names(runs: list[RunSummary]) -> list[RunSummary]:
    """Where recipes' names are not enough, folders' names tell runs apart, or whole paths."""
    for names in ([run.folder.resolve().name for run in runs], [str(run.folder) for run in runs]):
        count = Counter(run.name for run in runs)
        runs = [
            replace(run, name=name) if count[run.name] > 1 else run
            for run, name in zip(runs, names, strict=True)
        ]
    return runs
