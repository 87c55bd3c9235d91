"""An entry on its way through the rounds."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from statistics import median

from larq_bvit.bench.entry import RUNTIMES, Entry
from larq_bvit.bench.instructions import instructions
from larq_bvit.bench.place_name import host_and_port
from larq_bvit.bench.remote.device import Device
from larq_bvit.bench.remote.errors import GoneError, TimedOutError
from larq_bvit.bench.remote.job import Call, Job, Run
from larq_bvit.bench.remote.pinning import pin
from larq_bvit.bench.remote.site import Site
from larq_bvit.bench.results import Measurement, OpTime
from larq_bvit.bench.timing import Timing


@dataclass(eq=False)
class Turn:
    """What is known of an entry so far; one with an error has no more turns.

    Attributes:
        entry: which.
        job: how it is run; None where it can't be.
        runs: its samples.
        line: the command of the last run, for a terminal here.
        profile: where its time goes.
        cosine: of its output and what was expected.
        notes: what a reader should know.
        error: why it failed.
    """

    entry: Entry
    job: Job | None = None
    runs: list[Run] = field(default_factory=list)
    line: str = ""
    profile: tuple[OpTime, ...] = ()
    cosine: float | None = None
    notes: list[str] = field(default_factory=list)
    error: str | None = None

    @property
    def goes_on(self) -> bool:
        """Whether it can run."""
        return self.job is not None and self.error is None

    def run(self, site: Site, call: Call) -> Run | None:
        """One process; None where it failed, which is the entry's error then.

        Raises:
            GoneError: the machine is gone.
        """
        assert self.job is not None
        try:
            command = shlex.join(self.job.command(call))
            if call.profile is None:
                self.line = _repeat(site, site.line(command, self.entry.threads))
            answer = site.run(command, self.entry.threads)
        except GoneError:
            raise
        except TimedOutError as error:
            self.error = (
                f"{self.job.program} hangs or is slow: {error}; give more time by --timeout, or "
                f"take a smaller model"
            )
        except ValueError as error:  # such as a DeviceError, or a flag that the program lacks
            self.error = str(error)
        else:
            try:
                return self.job.read(answer, _text_of(site, call.profile))
            except ValueError as error:
                self.error = str(error)
        return None

    def measure(self, site: Site, call: Call) -> None:
        """Adds a sample."""
        run = self.run(site, call)
        if run is not None:
            self.runs.append(run)

    @property
    def tells_means_only(self) -> bool:
        """Whether its samples can't be medians."""
        return any(run.median is None for run in self.runs)

    def result(self, place: str, device: Device, mean_of: str | None) -> Measurement:
        """As far as it has come: what it had measured before it failed counts, and a note says why.

        Arguments:
            place: name of the machine.
            device: what it is.
            mean_of: a program there that tells no medians, so that all samples are means; or None.
        """
        entry, runs = self.entry, self.runs
        times = [run.mean if mean_of or run.median is None else run.median for run in runs]
        about = RUNTIMES[entry.runtime]
        version = next((run.about for run in runs if run.about), "")
        return Measurement(
            place=place,
            file=entry.file,
            runtime=entry.runtime_mode,
            about=f"{about} ({version})" if version else about,
            threads=entry.threads,
            instructions=instructions(entry, device.instructions, _isas(device)),
            command=self.line,
            init=_median([run.init for run in runs]),
            first=_median([run.first for run in runs]),
            steady=Timing.of(times) if times else None,
            sample="mean" if mean_of else "median",
            peak_memory=_most([run.peak_memory for run in runs]),
            activation_bytes=_most([run.activation_bytes for run in runs]),
            profile=self.profile,
            cosine=self.cosine,
            notes=self._all_notes(device, mean_of),
            error=None if runs else self.error or "it had no turn; measure it again",
        )

    def _all_notes(self, device: Device, mean_of: str | None) -> tuple[str, ...]:
        if self.job is None:
            return tuple(self.notes)
        means = [f"times are means: {mean_of} tells no medians"] if mean_of and self.runs else []
        pinned = pin(device, self.entry.threads).notes
        told = [note for run in self.runs for note in run.notes]
        failed = (
            [f"after {len(self.runs)} rounds: {self.error}"] if self.runs and self.error else []
        )
        return tuple(dict.fromkeys([*told, *means, *pinned, *self.notes, *failed]))


def _isas(device: Device) -> list[str]:
    """Instruction sets of our delegate there, the slowest first; it takes the last one."""
    needs = {"avx2": "AVX2", "avx512": "VPOPCNTDQ", "neon": "NEON"}
    return ["portable", *(isa for isa, need in needs.items() if need in device.instructions)]


def _repeat(site: Site, line: str) -> str:
    """The command for a terminal here."""
    kind, _, which = site.shell.name.partition(":")
    if kind == "adb":
        return f"adb -s {shlex.quote(which)} shell {shlex.quote(line)}"
    if kind == "ssh":
        host, port = host_and_port(which)
        return shlex.join(["ssh", *(["-p", port] if port else []), host, line])
    return line


def _text_of(site: Site, path: str | None) -> str | None:
    if path is None:
        return None
    answer = site.shell.run(f"cat {shlex.quote(path)} 2>/dev/null && rm -f {shlex.quote(path)}")
    return answer.output if answer.ok else None


def _median(values: list[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return median(told) if told else None


def _most(values: list[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)
