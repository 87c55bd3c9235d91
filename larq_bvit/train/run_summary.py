"""A run in a few figures, to stand beside other runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from larq_bvit._toml import read_toml
from larq_bvit.train.paired import Difference
from larq_bvit.train.run_cost import RunCost, load_cost
from larq_bvit.train.run_evaluation import RunEvaluation, load_evaluation
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.run_history import RunHistory, load_history

_IMAGES = ("data.dataset", "data.evaluation", "data.holdout")  # which ones evaluation takes


@dataclass(frozen=True, eq=False)
class RunSummary:
    """What the folder of a run says.

    Attributes:
        name: of the recipe, or what tells the run from others.
        folder: as it was given.
        recipe: {dotted field: value} of the resolved recipe.
        history: of the finished epochs.
        evaluation: of the best weights, once the run has ended.
        cost: of its model, once the run has ended; older runs do not say it.
    """

    name: str
    folder: Path
    recipe: Mapping[str, Any]
    history: RunHistory
    evaluation: RunEvaluation | None
    cost: RunCost | None

    @property
    def epochs(self) -> int:
        """Finished ones."""
        return int(self.history.columns["epoch"][-1])

    @property
    def best_epoch(self) -> int:
        """See `RunHistory.best`."""
        return int(self.history.columns["epoch"][self.history.best()[0]])

    @property
    def top_1(self) -> float | None:
        """0 to 1, of the evaluation; without one the highest val_accuracy, if there is any."""
        return self.evaluation.top_1.value if self.evaluation else self._at_best("val_accuracy")

    @property
    def top_5(self) -> float | None:
        """0 to 1; without an evaluation of the epoch of the highest val_accuracy."""
        if self.evaluation is None:
            return self._at_best("val_top_5")
        return self.evaluation.top_5.value if self.evaluation.top_5 else None

    @property
    def seconds(self) -> float | None:
        """Of all finished epochs, with their evaluation."""
        known = self._known("seconds")
        return float(known.sum()) if known.size else None

    @property
    def images_per_second(self) -> float | None:
        """Of training alone; the median of the epochs."""
        known = self._known("images_per_second")
        return float(np.median(known)) if known.size else None

    def difference_to(self, other: RunSummary) -> Difference | None:
        """Top-1 less that of another run; None without evaluations on the same images."""
        ours, theirs = self.evaluation, other.evaluation
        if ours is None or theirs is None or ours.hits is None or theirs.hits is None:
            return None
        if any(self.recipe.get(field) != other.recipe.get(field) for field in _IMAGES):
            return None
        return Difference.of(ours.hits, theirs.hits)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; `final` says whether top_1 and top_5 are of the evaluation."""
        final = self.evaluation is not None
        return {
            "name": self.name,
            "folder": str(self.folder),
            "description": self.recipe.get("description", ""),
            "epochs": self.epochs,
            "planned_epochs": self.recipe.get("epochs"),
            "best_epoch": self.best_epoch,
            "final": final,
            "top_1": self.top_1,
            "interval_95": list(self.evaluation.top_1.interval()) if self.evaluation else None,
            "top_5": self.top_5,
            "seconds": self.seconds,
            "images_per_second": self.images_per_second,
            "cost": None if self.cost is None else asdict(self.cost),
        }

    def _at_best(self, column: str) -> float | None:
        place, by = self.history.best()
        values = self.history.columns.get(column)
        if by != "val_accuracy" or values is None or np.isnan(values[place]):
            return None
        return float(values[place])

    def _known(self, column: str) -> np.ndarray:
        values = self.history.columns.get(column, np.array([]))
        return values[~np.isnan(values)]


def summarise(folder: str | Path) -> RunSummary:
    """Reads the folder of a run, which may still be going on; changes nothing in it.

    Raises:
        ValueError: it is no run's folder, no epoch is finished, or a file is damaged.
    """
    run = RunFolder(folder)
    if not run.recipe.is_file():
        raise ValueError(f"expected the folder of a run; {folder} has no {run.recipe.name}")
    recipe = _flat(read_toml(run.recipe))
    return RunSummary(
        name=recipe.get("name", run.path.resolve().name),
        folder=run.path,
        recipe=recipe,
        history=load_history(run.history),
        evaluation=load_evaluation(run.evaluation),
        cost=load_cost(run.cost),
    )


def _flat(table: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """{"optimizer.ema": 0.5} of {"optimizer": {"ema": 0.5}}."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        inner = isinstance(value, Mapping)
        flat |= _flat(value, f"{where}{name}.") if inner else {f"{where}{name}": value}
    return flat
