"""TensorFlow Lite's `benchmark_model`, or LCE's, which the user has."""

from __future__ import annotations

from dataclasses import dataclass

from larq_bvit.bench.benchmark_model.command import command
from larq_bvit.bench.benchmark_model.flags import Flags
from larq_bvit.bench.benchmark_model.op_profile import parse_op_profile
from larq_bvit.bench.benchmark_model.output import parse_output
from larq_bvit.bench.entry import DELEGATE, LCE, XNNPACK, Entry
from larq_bvit.bench.remote.job import Call, Run
from larq_bvit.bench.remote.shell import Answer
from larq_bvit.bench.results import OpTime


@dataclass(frozen=True)
class BenchmarkJob:
    """See `Job`; all paths are on the machine, and `notes` are of every run.

    It is fed with random numbers of its own.
    """

    path: str
    program: str
    flags: Flags
    model: str
    entry: Entry
    delegate: str | None = None
    notes: tuple[str, ...] = ()
    takes_files: bool = False

    @property
    def profiles(self) -> bool:
        """As far as this version does."""
        return self.flags.profiles

    def command(self, call: Call) -> list[str]:
        """See `Job.command`."""
        entry = self.entry
        return command(
            self.path,
            self.flags,
            model=self.model,
            threads=entry.threads,
            runs=call.runs,
            min_seconds=call.seconds,
            warmup_seconds=call.warmup,
            xnnpack=True if entry.runtime == XNNPACK else None,
            lce_mode=entry.mode if entry.runtime == LCE else "",
            delegate=self.delegate,
            delegate_options={"isa": entry.mode}
            if entry.runtime == DELEGATE and entry.mode
            else {},
            profile_csv=call.profile,
        )

    def read(self, answer: Answer, profile: str | None) -> Run:
        """See `Job.read`."""
        told = parse_output(f"{answer.output}\n{answer.errors}", answer.status)
        return Run(
            mean=told.mean,
            median=told.median,
            init=told.init,
            first=told.first,
            peak_memory=told.peak_memory,
            about=f"by the given {self.program}",
            notes=(*told.notes, *self.notes),
            profile=_profile(profile or answer.output),
        )


def _profile(text: str) -> tuple[OpTime, ...]:
    try:
        return parse_op_profile(text)
    except ValueError:  # none was asked for, or it is cut: times count all the same
        return ()
