"""What a benchmark found, as data: tables, CSV, pictures and the report are made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from larq_bvit.bench.timing import Timing

_FORMAT = "larq_bvit_benchmark"
_VERSION = 1


@dataclass(frozen=True)
class Place:
    """A machine that was measured.

    Attributes:
        name: "local", "adb:SERIAL" or "ssh:HOST".
        about: the machine in a line.
        facts: {what: value} of it, for JSON: processor, instructions, cores, system.
    """

    name: str
    about: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Accuracy:
    """Top-1 of a file's weights: the share of `images` of a data set that are right, 0 to 1.

    `images` and `dataset` are None where only the share was told.
    """

    top_1: float
    images: int | None = None
    dataset: str | None = None


@dataclass(frozen=True)
class MeasuredFile:
    """A .tflite.

    Attributes:
        name: by which measurements go, such as "binaryvit_small" or "deit_small:int8".
        about: what it is, in words.
        bytes: its size.
        sha256: of its content, in hexadecimal digits.
        operators: how many it has.
        binary_macs: multiply-accumulates of one bit, of one run.
        float_macs: all others.
        activations: numbers that its products give, of one run.
        parameters: weights; one of a bit counts as one.
        input_shape: (N, H, W, C).
        input_type: of the numbers, such as "float32".
        accuracy: where it is known.
    """

    name: str
    about: str
    bytes: int
    sha256: str
    operators: int
    binary_macs: int
    float_macs: int
    activations: int
    parameters: int
    input_shape: tuple[int, ...]
    input_type: str
    accuracy: Accuracy | None = None


_STEPS = {"product": "binary product"}  # {our delegate's kind of a step: the same in words}


@dataclass(frozen=True)
class OpTime:
    """An operator, or a step of several, and its time in one inference.

    Attributes:
        name: what it computes, or of the tensor that it makes.
        kind: of what sort it is, such as "binary product".
        milliseconds: on average.
        operator: the runtime's name for it, such as "CONV_2D"; empty for steps of our delegate.
    """

    name: str
    kind: str
    milliseconds: float
    operator: str = ""

    @staticmethod
    def of_step(name: str, kind: str, milliseconds: float) -> OpTime:
        """A step of our delegate's profile."""
        return OpTime(name, _STEPS.get(kind, kind), milliseconds)


@dataclass(frozen=True)
class Measurement:
    """A file in a runtime on a machine.

    Attributes:
        place: name of the machine.
        file: name of the file.
        runtime: as the user names it, such as "lce:indirect" or "delegate:avx2".
        about: the runtime in words, with its version.
        threads: how many.
        instructions: what its kernels use, as far as is known: "AVX-512 VPOPCNTDQ".
        command: of larq-bvit, that repeats it alone.
        there: what ran on the machine, where it is another one.
        init: seconds from the path to a loaded model.
        first: seconds of the first inference after it.
        steady: of the later ones, a sample per round; None where it failed.
        sample: what of a round's inferences a sample is, "median" or "mean".
        peak_memory: bytes that the process took at most, on top of what it had before.
        activation_bytes: that our delegate holds for maps.
        left: {operator: how many} that a delegate has left to the runtime's own kernels.
        profile: where the time goes.
        cosine: of its output and the reference's for the same input; 1 where both are the same.
            The reference is LCE's interpreter, or stock TensorFlow Lite's where that can't run it.
        notes: what a reader should know of it.
        error: why it has no times, and what to do.
    """

    place: str
    file: str
    runtime: str
    about: str
    threads: int
    instructions: str = ""
    command: str = ""
    there: str = ""
    init: float | None = None
    first: float | None = None
    steady: Timing | None = None
    sample: str = "median"
    peak_memory: int | None = None
    activation_bytes: int | None = None
    left: dict[str, int] | None = None
    profile: tuple[OpTime, ...] = ()
    cosine: float | None = None
    notes: tuple[str, ...] = ()
    error: str | None = None

    def __str__(self) -> str:
        threads = "" if self.threads == 1 else f", {self.threads} threads"
        return f"{self.file}, {self.runtime}{threads}, {self.place}"


@dataclass(frozen=True)
class Results:
    """All that one run of `larq-bvit benchmark` found.

    Attributes:
        command: how to repeat it.
        date: and time of its begin, ISO 8601.
        version: of larq_bvit.
        places: machines.
        files: what was run.
        measurements: a file in a runtime on a machine each, failed ones among them.
        warnings: of noise, heat and the like.
        baselines: names of files that the others are to be compared with.
    """

    command: str
    date: str
    version: str
    places: tuple[Place, ...]
    files: tuple[MeasuredFile, ...]
    measurements: tuple[Measurement, ...]
    warnings: tuple[str, ...] = ()
    baselines: tuple[str, ...] = ()

    def place(self, name: str) -> Place:
        """The machine of that name."""
        return next(place for place in self.places if place.name == name)

    def file(self, name: str) -> MeasuredFile:
        """The file of that name."""
        return next(file for file in self.files if file.name == name)

    def to_json(self) -> str:
        """What `from_json` reads."""
        return json.dumps({_FORMAT: _VERSION, **asdict(self)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Results:
        """Results that were saved.

        Raises:
            ValueError: the text is no such results, or those of a newer larq_bvit.
        """
        try:
            content = json.loads(text)
        except ValueError as error:
            raise ValueError(f"expected results of larq-bvit benchmark as JSON; {error}") from error
        version = content.pop(_FORMAT, None) if isinstance(content, dict) else None
        if version != _VERSION:
            got = "other JSON" if version is None else f"version {version}, of a newer larq_bvit"
            raise ValueError(
                f"expected results of larq-bvit benchmark, version {_VERSION}; got {got}"
            )
        try:
            return cls(
                **{
                    **content,
                    "places": tuple(Place(**place) for place in content["places"]),
                    "files": tuple(map(_file, content["files"])),
                    "measurements": tuple(map(_measurement, content["measurements"])),
                    "warnings": tuple(content["warnings"]),
                    "baselines": tuple(content["baselines"]),
                }
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"expected whole results of larq-bvit benchmark; {error}") from error


def _file(content: Mapping[str, Any]) -> MeasuredFile:
    accuracy = content["accuracy"]
    return MeasuredFile(
        **{
            **content,
            "input_shape": tuple(content["input_shape"]),
            "accuracy": accuracy and Accuracy(**accuracy),
        }
    )


def _measurement(content: Mapping[str, Any]) -> Measurement:
    steady = content["steady"]
    return Measurement(
        **{
            **content,
            "steady": steady and Timing(**{**steady, "samples": tuple(steady["samples"])}),
            "profile": tuple(OpTime(**row) for row in content["profile"]),
            "notes": tuple(content["notes"]),
        }
    )
