"""What the model of a run weighs and computes, in its folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from larq_bvit._toml import from_table
from larq_bvit.train.disk import write_text

if TYPE_CHECKING:
    from larq_bvit.zoo.profile import Counts  # needs TensorFlow, which comparing does not


@dataclass(frozen=True, kw_only=True)
class RunCost:
    """See `zoo.profile`; multiply-accumulates (MACs) and OPs per image."""

    binary_parameters: int
    float_parameters: int
    packed_bytes: int
    binary_macs: int
    float_macs: int
    ops: float


def save_cost(path: Path, counts: Counts | RunCost) -> None:
    """Writes those of a model's `zoo.profile` as JSON.

    Raises:
        DiskFullError: no space left; the file is as before.
    """
    cost = RunCost(**{field.name: getattr(counts, field.name) for field in fields(RunCost)})
    write_text(path, json.dumps(asdict(cost)) + "\n")


def load_cost(path: Path) -> RunCost | None:
    """Reads what `save_cost` has written; None if there is no such file, as in older runs.

    Raises:
        ValueError: it is something else.
    """
    if not path.is_file():
        return None
    try:
        return from_table(RunCost, dict(json.loads(path.read_text(encoding="utf-8"))))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} does not say what a run's model computes: {error}") from None
