"""Our own runner, `larq_bvit_runner` of native/runner: its command, and what it prints."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from larq_bvit.bench.results import OpTime
from larq_bvit.runtime.library import RUNNER
from larq_bvit.runtime.profile import Counters, difference

_VERSION = 2
_PREFIX = f"{RUNNER}: "


@dataclass(frozen=True)
class RunnerTensor:
    """An input or output of a model."""

    name: str
    type: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class RunnerOutput:
    """What a run of the runner found.

    Attributes:
        tflite_version: of the library.
        init: seconds from the path to a loaded model, the delegate's work included.
        first: seconds of the first inference.
        runs: seconds of timed inferences, in their order; of very many, one in 2, 4, 8...
        count: of all timed inferences.
        mean: seconds, of all of them.
        peak_memory: bytes that the process took at most, on top of what it had before the model;
            None where the system does not tell.
        activation_bytes: that our delegate holds for maps.
        profile: steps of the delegate, and last what is spent outside of it, per inference; None
            where it was not asked for.
        inputs: in their order.
        outputs: in their order.
    """

    tflite_version: str
    init: float
    first: float
    runs: tuple[float, ...]
    count: int
    mean: float
    peak_memory: int | None
    activation_bytes: int | None
    profile: tuple[OpTime, ...] | None
    inputs: tuple[RunnerTensor, ...]
    outputs: tuple[RunnerTensor, ...]


def runner_command(
    program: str,
    *,
    library: str,
    model: str,
    delegate: str | None = None,
    delegate_options: Mapping[str, str] | None = None,
    threads: int = 1,
    warmup_runs: int = 1,
    warmup_seconds: float = 0.0,
    runs: int = 50,
    seconds: float = 1.0,
    input: str | None = None,
    output: str | None = None,
    profile: bool = False,
) -> list[str]:
    """The runner and its arguments, not quoted; paths are those of the machine.

    Arguments:
        program: the runner.
        library: TensorFlow Lite's C library.
        model: the .tflite.
        delegate: an external delegate.
        delegate_options: its options.
        threads: number of them.
        warmup_runs: between the first inference and those that are timed, at least.
        warmup_seconds: for which these go on at least.
        runs: that are timed at least, unless they take ten times `seconds`.
        seconds: for which it times at least.
        input: raw bytes of the first input; a fixed pattern without it.
        output: gets raw bytes of the first output.
        profile: times of the delegate's steps, too.

    Raises:
        ValueError: options without a delegate, or such that can't be written.
    """
    options = dict(delegate_options or {})
    if delegate is None and (options or profile):
        raise ValueError(
            f"expected a delegate with {'a profile' if profile else 'its options'}; got none"
        )
    for key, value in options.items():
        if not key or ":" in key or ";" in key + value:
            raise ValueError(
                f"expected options of a delegate without ';', and keys without ':'; got "
                f"{key!r}: {value!r}"
            )
    command = [program, "--library", library, "--model", model, "--threads", str(threads)]
    command += ["--warmup-runs", str(warmup_runs), "--warmup-seconds", _decimal(warmup_seconds)]
    command += ["--runs", str(runs), "--seconds", _decimal(seconds)]
    for name, path in (("--delegate", delegate), ("--input", input), ("--output", output)):
        if path is not None:
            command += [name, path]
    if options:
        command += ["--delegate-options", ";".join(f"{k}:{v}" for k, v in options.items())]
    return command + ["--profile"] * profile


def _decimal(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def runner_error(errors: str) -> str | None:
    """The runner's message among all that came on standard error; None where it gave none."""
    lines = [line.strip() for line in errors.splitlines()]
    return next((x.removeprefix(_PREFIX) for x in lines[::-1] if x.startswith(_PREFIX)), None)


def parse_runner(text: str) -> RunnerOutput:
    """Reads what the runner printed; libraries may have printed lines of their own.

    Raises:
        ValueError: there is no such line, it is cut, or of another version.
    """
    start = f'{{"{RUNNER}"'
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith(start)]
    if not lines:
        got = repr(text.strip()[-80:]) if text.strip() else "nothing"
        raise ValueError(f"expected a line of JSON of {RUNNER}; got {got}")
    try:
        content = json.loads(lines[-1])
    except ValueError as error:
        raise ValueError(
            f"expected a whole line of JSON of {RUNNER}; got {len(lines[-1])} characters: {error}"
        ) from error
    if content[RUNNER] != _VERSION:
        raise ValueError(
            f"expected version {_VERSION} of {RUNNER}'s output; got {content[RUNNER]!r}: take the "
            f"runner of this larq_bvit"
        )
    try:
        return _output(content)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"expected all of {RUNNER}'s output; got {error!r}") from error


def _output(content: Mapping[str, Any]) -> RunnerOutput:
    runs = tuple(_number(us) / 1e6 for us in content["runs_us"])
    if not runs:
        raise ValueError("no run")
    count = int(_number(content["count"]))
    if count < len(runs):
        raise ValueError(f"{len(runs)} of {count} runs")
    mean = _number(content["sum_us"]) / 1e6 / count
    base, peak = content["base_kib"], content["peak_kib"]
    known = base is not None and peak is not None
    activations = content["activation_bytes"]
    return RunnerOutput(
        tflite_version=_text(content["tflite_version"]),
        init=_number(content["init_us"]) / 1e6,
        first=_number(content["first_us"]) / 1e6,
        runs=runs,
        count=count,
        mean=mean,
        peak_memory=1024 * max(0, int(_number(peak) - _number(base))) if known else None,
        activation_bytes=None if activations is None else int(_number(activations)),
        profile=_profile(content["profile"], count, mean),
        inputs=tuple(map(_tensor, content["inputs"])),
        outputs=tuple(map(_tensor, content["outputs"])),
    )


def _profile(steps: Counters | None, count: int, mean: float) -> tuple[OpTime, ...] | None:
    if steps is None:
        return None
    begin = [{**step, "nanoseconds": 0} for step in steps]
    end = [{**step, "nanoseconds": _number(step["nanoseconds"])} for step in steps]
    rows = difference(begin, end, [mean] * count).rows
    return tuple(OpTime.of_step(_text(r.name), _text(r.kind), r.milliseconds) for r in rows)


def _tensor(content: Mapping[str, Any]) -> RunnerTensor:
    shape = tuple(int(_number(n)) for n in content["shape"])
    return RunnerTensor(_text(content["name"]), _text(content["type"]), shape)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} for a number")
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{value!r} for a number of at least 0")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} for text")
    return value
