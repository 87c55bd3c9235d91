"""The figures of a run, epoch by epoch."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, eq=False)
class RunHistory:
    """What `callbacks.history` has written.

    Attributes:
        columns: {name: float64 (epochs,)}, NaN where an epoch has no such figure.
    """

    columns: dict[str, np.ndarray]

    def __len__(self) -> int:
        """Finished epochs."""
        return len(self.columns["epoch"])

    def best(self) -> tuple[int, str]:
        """The best epoch's place, and the column that says so.

        It is the highest val_accuracy; without one the lowest val_loss, or loss.
        """
        for name, sign in (("val_accuracy", -1), ("val_loss", 1), ("loss", 1)):
            values = sign * self.columns.get(name, np.array([math.nan]))
            if not np.isnan(values).all():
                return int(np.nanargmin(values)), name
        return len(self) - 1, "epoch"


def load_history(path: Path) -> RunHistory:
    """Reads a history.csv.

    Raises:
        ValueError: there is none, it is empty, or damaged: cut off, or with something else
            than numbers; says in which line.
    """
    if not path.is_file():
        raise ValueError(f"no history at {path}: has the run finished its first epoch?")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no CSV file: {error}") from None
    lines = list(csv.reader(text.splitlines()))
    if len(lines) < 2:
        raise ValueError(f"{path} is empty: expected a line of names and one for every epoch")
    names = lines[0]
    if "epoch" not in names:
        raise ValueError(f"expected a column 'epoch' in {path}; got {', '.join(names)}")
    if not text.endswith("\n"):
        raise ValueError(f"line {len(lines)} of {path} is cut off")
    rows = [_numbers(line, names, f"line {i} of {path}") for i, line in enumerate(lines[1:], 2)]
    return RunHistory(dict(zip(names, np.array(rows).T, strict=True)))


def _numbers(line: list[str], names: list[str], where: str) -> list[float]:
    if len(line) != len(names):
        raise ValueError(f"{where} is cut off: expected {len(names)} values, got {len(line)}")
    try:
        return [float(value) if value else math.nan for value in line]
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
