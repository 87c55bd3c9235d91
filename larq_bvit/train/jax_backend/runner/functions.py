"""A job's facts and exported functions, on this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from images import Images, load_images, read_index
from pieces import check, drawn, load_arrays
from sampler import Sampler

VERSION = 1


class Job:
    """The folder of an export.

    Attributes:
        facts: of job.json.
        sampler: which images make up a step, and their random numbers.
    """

    def __init__(self, folder: Path):
        """Raises:
        ValueError: it is no job, of another version, or not whole; or this NumPy draws other
            random numbers.
        """
        self.folder = folder
        try:
            self.facts: dict[str, Any] = json.loads((folder / "job.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"{folder} is no job of `larq-bvit jax-export`: {error}") from None
        if self.facts.get("version") != VERSION:
            raise ValueError(
                f"expected a job of version {VERSION}; got {self.facts.get('version')}: take the "
                "run.py that was exported with it"
            )
        for name, sha256 in self.facts["files"].items():
            check(folder / name, sha256)
        self.sampler = Sampler(**self.facts["sampler"])
        if drawn(self.sampler) != self.facts["drawn"]:
            raise ValueError(
                f"NumPy {np.__version__} draws other random numbers than NumPy "
                f"{self.facts['made_with']['numpy']}, which the job was exported with"
            )

    def images(self) -> tuple[Images, Images]:
        """To train and to evaluate on."""
        folder = self.folder / "data"
        index = read_index(folder, self.facts["data"])
        return load_images(folder, index["train"]), load_images(folder, index["evaluation"])


class Functions:
    """The exported functions, compiled for this machine, and the values of all variables."""

    def __init__(self, job: Job, values: Mapping[str, np.ndarray], images: tuple[Images, Images]):
        """Puts all on JAX's device, and compiles, so that later times are those of training.

        Raises:
            ValueError: JAX cannot read the functions.
        """
        import jax
        from programs import Program

        self.jax, self.facts = jax, job.facts
        constants = load_arrays(job.folder / "constants", self.facts["constants"])
        self.names = list(values)
        self.values = jax.device_put({**values, **constants})
        self.train_images, self.eval_images = (jax.device_put(part) for part in images)
        self._exported = {
            name: Program((job.folder / entry["file"]).read_bytes())
            for name, entry in self.facts["functions"].items()
        }
        self._compiled: dict[str, Any] = {}
        self._prepare("train", self._train, self.train_images, *self._batches(job.sampler, 0, 1))
        self._prepare("evaluation", self._evaluate, self.eval_images, *self._part(0))
        if "signs" in self._exported:
            self._prepare("signs", self._signs)

    def train(self, sampler: Sampler, first: int, count: int) -> dict[str, float]:
        """`count` steps from step `first` of the run on; gives the metrics of the epoch so far."""
        return self._call("train", self.train_images, *self._batches(sampler, first, count))

    def evaluate(self) -> dict[str, float]:
        """Means over all evaluation images."""
        sums: dict[str, float] = {}
        for start in range(0, len(self.eval_images.labels), self.facts["eval_batch_size"]):
            part = self._call("evaluation", self.eval_images, *self._part(start))
            sums = {name: sums.get(name, 0.0) + value for name, value in part.items()}
        images = sums.pop("images")
        return {f"val_{name}": value / images for name, value in sums.items()}

    def signs(self) -> dict[str, float]:
        """How many signs have changed, and more of latent weights; nothing without them."""
        return self._call("signs") if "signs" in self._exported else {}

    def reset_metrics(self) -> None:
        for name in self.names:
            if name.startswith("metrics/"):
                self.values[name] = self.jax.numpy.zeros_like(self.values[name])

    def state(self) -> dict[str, np.ndarray]:
        """Of all variables, on the host."""
        return self._fetched({name: name for name in self.names})

    def evaluated(self) -> dict[str, np.ndarray]:
        """The weights that are evaluated."""
        return self._fetched(self.facts["evaluated"])

    def _fetched(self, places: Mapping[str, str]) -> dict[str, np.ndarray]:
        values = self.jax.device_get([self.values[place] for place in places.values()])
        return dict(zip(places, values, strict=True))  # a dict would come back sorted

    def _batches(self, sampler: Sampler, first: int, count: int) -> tuple[np.ndarray, ...]:
        """Indices and draws of `count` steps, filled up to a fixed number of them."""
        samples = [sampler(first + k) for k in range(count)]
        index = np.zeros((self.facts["together"], *samples[0].indices.shape), np.int32)
        draws = np.zeros((self.facts["together"], *samples[0].draws.shape), np.float32)
        for k, sample in enumerate(samples):
            index[k], draws[k] = sample
        return index, draws, np.array(count, np.int32)

    def _part(self, start: int) -> tuple[np.ndarray, np.ndarray]:
        """Indices of a batch for evaluation, and which of them are within the images."""
        index = np.arange(start, start + self.facts["eval_batch_size"], dtype=np.int32)
        count = len(self.eval_images.labels)
        return np.minimum(index, count - 1), index < count

    def _train(
        self, changing: Any, fixed: Any, images: Any, index: Any, draws: Any, count: Any
    ) -> Any:
        zeros = self.jax.numpy.zeros
        shapes = self._exported["train"].outputs[: len(self.facts["functions"]["train"]["results"])]

        def step(number: Any, carried: Any) -> Any:
            chosen = index[number]
            batch = images.pixels[chosen], images.sides[chosen], images.labels[chosen]
            return self._apply("train", carried[0], fixed, *batch, draws[number])

        start = changing, [zeros(shape.shape, shape.dtype) for shape in shapes]
        return self.jax.lax.fori_loop(0, count, step, start)

    def _evaluate(self, changing: Any, fixed: Any, images: Any, index: Any, valid: Any) -> Any:
        batch = images.pixels[index], images.labels[index]
        return self._apply("evaluation", changing, fixed, *batch, valid)

    def _signs(self, changing: Any, fixed: Any) -> Any:
        return self._apply("signs", changing, fixed)

    def _apply(self, name: str, changing: Any, fixed: Any, *arguments: Any) -> Any:
        """A function's changed variables and its results."""
        entry = self.facts["functions"][name]
        values = dict(zip((*entry["changing"], *entry["fixed"]), (*changing, *fixed), strict=True))
        inputs = [values[key] for key in entry["inputs"]]
        outputs = self._exported[name](*arguments, *inputs)
        changed = [outputs[entry["changing"][key]] for key in entry["changing"]]
        return changed, outputs[: len(entry["results"])]

    def _prepare(self, name: str, function: Any, *arguments: Any) -> None:
        jitted = self.jax.jit(function, donate_argnums=0)
        self._compiled[name] = jitted.lower(*self._variables(name), *arguments).compile()

    def _variables(self, name: str) -> tuple[list[Any], list[Any]]:
        entry = self.facts["functions"][name]
        changing = [self.values[key] for key in entry["changing"]]
        return changing, [self.values[key] for key in entry["fixed"]]

    def _call(self, name: str, *arguments: Any) -> dict[str, float]:
        entry = self.facts["functions"][name]
        changed, results = self._compiled[name](*self._variables(name), *arguments)
        self.values.update(zip(entry["changing"], changed, strict=True))
        return dict(zip(entry["results"], map(float, results), strict=True))
