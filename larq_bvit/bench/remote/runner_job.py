"""Our own runner, with a TensorFlow Lite C library and, for a delegate, ours."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.failures import explain
from larq_bvit.bench.remote.job import Call, Run
from larq_bvit.bench.remote.runner import parse_runner, runner_command
from larq_bvit.bench.remote.shell import Answer
from larq_bvit.runtime.library import RUNNER


@dataclass(frozen=True)
class RunnerJob:
    """See `Job`; all paths are on the machine, and `notes` are of every run."""

    runner: str
    library: str
    model: str
    entry: Entry
    delegate: str | None = None
    notes: tuple[str, ...] = ()
    program: str = RUNNER
    takes_files: bool = True

    @property
    def profiles(self) -> bool:
        """The delegate's steps alone."""
        return self.delegate is not None

    def command(self, call: Call) -> list[str]:
        """See `Job.command`."""
        return runner_command(
            self.runner,
            library=self.library,
            model=self.model,
            delegate=self.delegate,
            delegate_options={"isa": self.entry.mode} if self.entry.mode else {},
            threads=self.entry.threads,
            warmup_runs=1 if call.warmup else 0,
            warmup_seconds=call.warmup,
            runs=call.runs,
            seconds=call.seconds,
            input=call.input,
            output=call.output,
            profile=call.profile is not None,
        )

    def read(self, answer: Answer, profile: str | None) -> Run:
        """See `Job.read`; the profile is in the answer."""
        if not answer.ok:
            raise ValueError(explain(self.entry, answer, self.program))
        told = parse_runner(answer.output)
        return Run(
            mean=told.mean,
            median=median(told.runs),
            init=told.init,
            first=told.first,
            peak_memory=told.peak_memory,
            activation_bytes=told.activation_bytes,
            about=f"TensorFlow Lite {told.tflite_version}",
            notes=self.notes,
            profile=told.profile or (),
        )
