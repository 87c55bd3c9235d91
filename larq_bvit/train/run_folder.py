"""The folder of a run."""

from __future__ import annotations

import shutil
from contextlib import suppress
from difflib import unified_diff
from pathlib import Path

from larq_bvit.train.disk import write_text
from larq_bvit.train.origin import Origin, origin_here, save_origin
from larq_bvit.train.recipes import parse_recipe, recipe_text


class RunFolder:
    """Where the files of a run lie.

    Attributes:
        recipe: the resolved recipe, TOML.
        origin: JSON, the code that the run was begun with; older runs have none.
        machines: CSV, what the run was trained on, and from which epoch on; older runs have none.
        cost: JSON, at the end, what its model weighs and computes; older runs have none.
        checkpoints: folder of the newest checkpoints and the best one.
        history: CSV, a line for every epoch.
        tensorboard: folder of TensorBoard's files.
        weights, best: HDF5 weight files of the last epoch and of the best one.
        evaluation: JSON, of the best weights at the end.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.recipe = self.path / "recipe.toml"
        self.origin = self.path / "origin.json"
        self.machines = self.path / "machines.csv"
        self.cost = self.path / "cost.json"
        self.checkpoints = self.path / "checkpoints"
        self.history = self.path / "history.csv"
        self.tensorboard = self.path / "tensorboard"
        self.weights = self.path / "weights.h5"
        self.best = self.path / "best.h5"
        self.evaluation = self.path / "evaluation.json"

    @classmethod
    def create(cls, path: str | Path, recipe: str, origin: Origin | None = None) -> RunFolder:
        """A new run's folder, of a resolved recipe's text.

        Arguments:
            origin: of a run that was begun elsewhere; by default the code that runs now.

        Raises:
            ValueError: there is something else already, or it cannot be written to.
        """
        run = cls(path)
        if run.recipe.is_file():
            raise ValueError(f"{path} holds a run already; resume it, or name another folder")
        if run.path.exists() and (not run.path.is_dir() or _has_files(run.path)):
            raise ValueError(f"expected a new or empty folder for the run; {path} is neither")
        try:
            run.checkpoints.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"cannot make the folder {path}: {error.strerror}") from error
        save_origin(run.origin, origin or origin_here())
        write_text(run.recipe, recipe)  # the last: with it, it is a run
        return run

    @classmethod
    def open(cls, path: str | Path, recipe: str | None = None) -> RunFolder:
        """The folder of a run that was begun, to resume it.

        Raises:
            ValueError: there is none, or it was made with another recipe than the given one;
                lists what differs.
        """
        run = cls(path)
        if not run.recipe.is_file():
            raise ValueError(f"expected a run to resume; {path} has no {run.recipe.name}")
        if recipe is not None:
            check_recipe(run.recipe.read_text(encoding="utf-8"), recipe, str(path))
        run.checkpoints.mkdir(exist_ok=True)
        return run

    def clean(self) -> None:
        """Removes the temporary folders that killed processes have left."""
        told = (self.recipe, self.origin, self.machines, self.cost, self.history, self.evaluation)
        for file in (*told, self.weights, self.best):
            for name in {file.name, file.stem}:
                for path in self.path.glob(f".{name}-*"):
                    shutil.rmtree(path, ignore_errors=True)


def check_recipe(stored: str, given: str, where: str) -> None:
    """Compares the texts of two resolved recipes.

    A run of an older release may lack fields: they count as their defaults.

    Raises:
        ValueError: they differ; lists the lines.
    """
    with suppress(ValueError):  # of a release whose fields are gone: shown as it stands
        stored = recipe_text(parse_recipe(stored))
    changed = changed_lines(stored, given)
    if changed:
        raise ValueError(
            f"{where} was made with another recipe (- there, + given):\n  " + "\n  ".join(changed)
        )


def changed_lines(stored: str, given: str) -> list[str]:
    """`- line` of the first text and `+ line` of the second, where they differ."""
    lines = unified_diff(stored.splitlines(), given.splitlines(), lineterm="", n=0)
    return [line for line in list(lines)[2:] if not line.startswith("@@")]


def _has_files(path: Path) -> bool:
    """Whether a folder holds more than what a start that was cut off leaves behind."""
    files = (file.relative_to(path) for file in path.rglob("*") if not file.is_dir())
    leftovers = ("origin.json", ".origin.json-", ".recipe.toml-")
    return any(not file.parts[0].startswith(leftovers) for file in files)
