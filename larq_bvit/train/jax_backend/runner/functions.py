"""A job's facts and exported functions, on this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from images import Images, hollow_images, load_images, read_index
from pieces import check, drawn, hollow_arrays, hollow_snapshot, load_arrays
from sampler import Sampler

VERSION = 2


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

    def images(self, folder: Path | None = None) -> tuple[Images, Images]:
        """To train and to evaluate on.

        Arguments:
            folder: of the data, which jobs may share; by default the job's own.

        Raises:
            DamagedError: they are not whole, or another job's.
        """
        folder = folder or self.folder / "data"
        index = read_index(folder, self.facts["data"])
        return load_images(folder, index["train"]), load_images(folder, index["evaluation"])


class Functions:
    """The exported functions, compiled, and the values of all variables.

    Attributes:
        compiled: {name of a function: JAX's `Compiled`}.
        values: {name of a variable: its value}.
    """

    def __init__(
        self,
        job: Job,
        values: Mapping[str, np.ndarray],
        images: tuple[Images, Images],
        put: Callable[[Any], Any] | None = None,
        constants: Mapping[str, np.ndarray] | None = None,
    ):
        """Puts all on JAX's device, and compiles, so that later times are those of training.

        Arguments:
            put: what places trees of arrays on a device; `jax.device_put` by default.
            constants: instead of the job's.

        Raises:
            ValueError: JAX cannot read the functions.
        """
        import jax
        from programs import Program

        self.jax, self.facts = jax, job.facts
        put = put or jax.device_put
        if constants is None:
            constants = load_arrays(job.folder / "constants", self.facts["constants"])
        self.names = list(values)
        self.values = put({**values, **constants})
        self.train_images, self.eval_images = (put(part) for part in images)
        self._exported = {
            name: Program((job.folder / entry["file"]).read_bytes())
            for name, entry in self.facts["functions"].items()
        }
        arguments: dict[str, tuple[Any, ...]] = {
            "train": (self._train, self.train_images, *self._batches(job.sampler, 0, 1)),
            "evaluation": (self._evaluate, self.eval_images, *self._part(0)),
            "signs": (self._signs,),
        }
        lowered = {name: self._lowered(name, *arguments[name]) for name in self._exported}
        with ThreadPoolExecutor() as pool:
            compiled = pool.map(_compiled, lowered, lowered.values())
            self.compiled = dict(zip(lowered, compiled, strict=True))

    def train(self, sampler: Sampler, first: int, count: int) -> dict[str, float]:
        """`count` steps from step `first` of the run on; gives the metrics of the epoch so far."""
        return self._call("train", self.train_images, *self._batches(sampler, first, count))

    def evaluate(self) -> dict[str, float]:
        """Means over all evaluation images."""
        starts = range(0, len(self.eval_images.labels), self.facts["eval_batch_size"])
        # fetched in the end: the device must not wait for the host between batches
        parts = [self._launch("evaluation", self.eval_images, *self._part(k)) for k in starts]
        totals = np.sum(self.jax.device_get(parts), axis=0, dtype=np.float64).tolist()
        sums = dict(zip(self.facts["functions"]["evaluation"]["results"], totals, strict=True))
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
        # copies, as on CPUs they are the device's own memory, which later steps write to;
        # and of a list, as a dict would come back sorted
        return dict(zip(places, map(np.array, values), strict=True))

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

    def _lowered(self, name: str, function: Any, *arguments: Any) -> Any:
        return self.jax.jit(function, donate_argnums=0).lower(*self._variables(name), *arguments)

    def _variables(self, name: str) -> tuple[list[Any], list[Any]]:
        entry = self.facts["functions"][name]
        changing = [self.values[key] for key in entry["changing"]]
        return changing, [self.values[key] for key in entry["fixed"]]

    def _call(self, name: str, *arguments: Any) -> dict[str, float]:
        results = self.jax.device_get(self._launch(name, *arguments))
        return dict(zip(self.facts["functions"][name]["results"], map(float, results), strict=True))

    def _launch(self, name: str, *arguments: Any) -> list[Any]:
        """Results, which the device may still be computing."""
        changed, results = self.compiled[name](*self._variables(name), *arguments)
        self.values.update(zip(self.facts["functions"][name]["changing"], changed, strict=True))
        return list(results)


def compile_alone(job: Job) -> None:
    """Compiles a job's functions, for JAX's cache: shapes will do, whatever is not there yet.

    Raises:
        ValueError: as `Functions`.
    """
    import jax

    def described(tree: Any) -> Any:
        return jax.tree.map(lambda array: jax.ShapeDtypeStruct(array.shape, array.dtype), tree)

    data = job.facts["data"]
    Functions(
        job,
        hollow_snapshot(job.folder / "state"),
        (hollow_images(data["train"]), hollow_images(data["evaluation"])),
        described,
        hollow_arrays(job.facts["constants"]),
    )


def _compiled(name: str, lowered: Any) -> Any:
    begin = time.monotonic()
    compiled = lowered.compile()
    print(f"compiled {name} in {time.monotonic() - begin:.1f} s", flush=True)
    return compiled
