"""Checkpoints of all that decides how a run goes on."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit._whole import publish
from larq_bvit.train.disk import explain_full_disk
from larq_bvit.train.machine_settings import check_same_training
from larq_bvit.train.metric_state import build_metrics, metric_variables
from larq_bvit.train.not_finite import NotFiniteError, explain, first_not_finite
from larq_bvit.train.progress import Progress
from larq_bvit.train.randomness import random_states
from larq_bvit.train.run_data import RunData, check_data
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.student import student_of
from larq_bvit.zoo.named_weights import latent_weights

log = logging.getLogger(__name__)


# TensorFlow's reader raises what its C++ status is nearest to
_UNREADABLE = (
    tf.errors.OpError,
    LookupError,
    RuntimeError,
    TypeError,
    FileNotFoundError,
    UnicodeDecodeError,
    json.JSONDecodeError,
)


class _Damaged(Exception):  # noqa: N818
    """A checkpoint cannot be read."""


@contextmanager
def _reading() -> Iterator[None]:
    """What a damaged file makes TensorFlow, Python and the JSON reader raise becomes _Damaged."""
    try:
        yield
    except (tf.errors.ResourceExhaustedError, tf.errors.PermissionDeniedError):
        raise
    except _UNREADABLE as error:
        raise _Damaged(str(error).splitlines()[0] if str(error) else repr(error)) from error


def check_resumable(run: RunFolder) -> None:
    """Raises:
    ValueError: a run's folder has best weights and no checkpoint: it would begin anew.
    """
    if run.best.is_file() and not has_checkpoint(run):
        raise ValueError(f"{run.path} has no checkpoint beside {run.best.name}: it cannot go on")


def has_checkpoint(run: RunFolder) -> bool:
    """Whether it goes on from one, not from its recipe's start."""
    return any(run.checkpoints.glob("epoch*"))


class Checkpoints:
    """The newest checkpoints of a run and its best one, each a folder that is whole or absent.

    A checkpoint holds the latent weights, the optimizer with its slots and loss scale, the states
    of random layers, the progress, the recipe, what the data are, and within an epoch the state of
    the metrics.
    `tf.train.Checkpoint` writes the tensors. `tf.train.CheckpointManager` does not serve: it
    cannot keep a best one, it does not wait for the disk, and what it keeps beside the tensors
    changes at another moment than they do.

    Attributes:
        resumed: where `restore` found the run.
        metric_values: of the metrics then, where that is within an epoch.
    """

    def __init__(
        self,
        folder: Path,
        model: tf.keras.Model,
        *,
        recipe: str,
        steps_per_epoch: int,
        keep: int = 2,
        extra: Mapping[str, Any] | None = None,
        chief: bool = True,
        data: RunData | None = None,
    ):
        """For a compiled model; slots of its optimizer are made here.

        Arguments:
            folder: of the checkpoints.
            model: a model, or one that holds it as `student`, such as a `Distiller`.
            recipe: text of the resolved recipe.
            steps_per_epoch: training steps of an epoch.
            keep: how many of the newest stay; the best one stays besides.
            extra: more to hold, such as an average of the weights: {name: what
                `tf.train.Checkpoint` takes, or a list of variables}.
            chief: whether this worker writes. All workers must call `save` and `restore`, since
                reading variables may need all.
            data: what the run is trained on, to be held and compared.
        """
        self.folder, self.model, self.keep, self.chief = folder, model, keep, chief
        self.data = data
        self.recipe, self.steps_per_epoch = recipe, steps_per_epoch
        self.student = student_of(model)
        self.resumed, self.metric_values = Progress(), list[np.ndarray]()
        with model.distribute_strategy.scope():
            model.optimizer.build(model.trainable_variables)
        self._parts: dict[str, Any] = {
            **(extra or {}),
            "weights": list(self.student.variables),
            "optimizer": model.optimizer,
            "random": random_states(self.student),
        }

    def names(self) -> list[str]:
        """Of all checkpoints, the oldest first."""
        return sorted(path.name for path in self.folder.glob("epoch*") if path.is_dir())

    def save(self, progress: Progress) -> None:
        """Writes a checkpoint, and removes those that are no longer kept.

        Raises:
            NotFiniteError: a weight is not finite; nothing is written.
            DiskFullError: no space left. The checkpoints are as before.
        """
        self._check_finite()
        target = self.folder / progress.name
        with explain_full_disk("a checkpoint", target), self._draft(progress.name) as draft:
            with latent_weights():
                self._checkpoint(progress).write(str(draft / "tensors"))
            state = {
                "progress": asdict(progress),
                "recipe": self.recipe,
                "data": None if self.data is None else self.data.as_dict(),
                "weights": self._shapes(),
            }
            (draft / "state.json").write_text(json.dumps(state), encoding="utf-8")
            if self.chief:
                self._remove(target)
                publish(draft, target)
        self.sweep(progress)

    def restore(self, batch: Any = None) -> Progress:
        """Loads the newest checkpoint that can be read; without any, nothing.

        A damaged one is logged, renamed to `damaged-...` and passed over.

        Arguments:
            batch: `dataset.element_spec` of the training data, to make the metrics that Keras
                makes in its first step; needed within an epoch.

        Raises:
            ValueError: the newest is of another recipe, whatever its machine's settings, other data
                or another model, listing what differs; or none of them can be read.
        """
        names = self.names()
        for name in reversed(names):
            try:
                return self._read(self.folder / name, batch)
            except _Damaged as error:
                log.warning("checkpoint %s is damaged: %s", name, error)
                if self.chief:
                    damaged = self.folder / f"damaged-{name}"
                    self._remove(damaged)  # of another time
                    (self.folder / name).rename(damaged)
        if names:
            raise ValueError(f"all checkpoints in {self.folder} are damaged: {', '.join(names)}")
        return Progress()

    def _read(self, path: Path, batch: Any) -> Progress:
        with _reading():
            state = json.loads((path / "state.json").read_text(encoding="utf-8"))
            progress = Progress(**state["progress"])
        check_same_training(state["recipe"], self.recipe, f"checkpoint {path}")
        if self.data is not None:
            check_data(state.get("data") or {}, self.data, f"checkpoint {path}")
        self._check_shapes(state["weights"], path)
        if progress.step:
            build_metrics(self.model, batch)
        with latent_weights(), _reading():
            status = self._checkpoint(progress).read(str(path / "tensors"))
        try:
            status.assert_consumed()
        except AssertionError as error:
            raise ValueError(f"{path} does not fit the optimizer or metrics: {error}") from error
        if progress.step:
            self.metric_values = [v.numpy() for v in metric_variables(self.model)]
        self.resumed = progress
        return progress

    def _checkpoint(self, progress: Progress) -> tf.train.Checkpoint:
        metrics = {"metrics": metric_variables(self.model)} if progress.step else {}
        return tf.train.Checkpoint(**self._parts, **metrics)

    @contextmanager
    def _draft(self, name: str) -> Iterator[Path]:
        """A folder to write to, gone at the end; a worker that is not the chief has its own."""
        parent = self.folder if self.chief else None
        with tempfile.TemporaryDirectory(prefix=f".new-{name}-", dir=parent) as folder:
            draft = Path(folder) / name
            draft.mkdir()
            yield draft

    def sweep(self, progress: Progress) -> None:
        """Removes what is no longer kept at this point, and what killed processes have left."""
        if not self.chief:
            return
        names = [name for name in self.names() if name <= progress.name]
        # the same weights before and after the evaluation
        waiting = f"-step{self.steps_per_epoch:08}"
        kept = [name for name in names if name == progress.name or not name.endswith(waiting)]
        kept = [*kept[-self.keep :], progress.best_name or progress.name]
        stale = [self.folder / name for name in names if name not in kept]
        for path in (*stale, *self.folder.glob(".new-*"), *self.folder.glob(".old-*")):
            self._remove(path)

    def _remove(self, path: Path) -> None:
        """Never leaves half a checkpoint under a checkpoint's name."""
        if not path.exists():
            return
        hidden = path if path.name.startswith(".") else path.with_name(f".old-{path.name}")
        if hidden != path:
            path.rename(hidden)
        shutil.rmtree(hidden, ignore_errors=True)

    def _shapes(self) -> list[list[Any]]:
        return [[v.name, list(v.shape), v.dtype.name] for v in self._parts["weights"]]

    def _check_shapes(self, stored: list[list[Any]], path: Path) -> None:
        ours = self._shapes()
        # names are for people: Keras numbers layers that have none
        differ = [(a, b) for a, b in zip(stored, ours, strict=False) if a[1:] != b[1:]]
        if len(stored) == len(ours) and not differ:
            return
        lines = [f"{a[0]} {a[1]} there, {b[0]} {b[1]} here" for a, b in differ[:10]]
        raise ValueError(
            f"checkpoint {path} is of another model: {len(stored)} weights there, {len(ours)} "
            f"in {self.student.name!r}; {len(differ)} differ:\n  " + "\n  ".join(lines)
        )

    def _check_finite(self) -> None:
        weight = first_not_finite(self._parts["weights"])
        if weight is not None:
            where, layer = explain(self.student)
            raise NotFiniteError(f"weights are not finite; {where}", layer)
        slot = first_not_finite(self.model.optimizer.variables)
        if slot is not None:
            raise NotFiniteError(f"the optimizer's {slot.name!r} is not finite")
