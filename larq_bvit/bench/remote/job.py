"""How a program on a machine measures a file in a runtime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from larq_bvit.bench.remote.shell import Answer
from larq_bvit.bench.results import OpTime

_WARMUP = 0.1  # seconds


@dataclass(frozen=True)
class Call:
    """What a process is to do.

    Attributes:
        runs: timed inferences at least.
        seconds: and at least so long, after a warm-up of `warmup` seconds; our runner ends after
            ten times as long, however few they were.
        input: a file there that is fed; None: what the program likes.
        output: a file there that takes the first output; None: none is written.
        profile: a file there that may take a profile; None: none is wanted.
    """

    runs: int = 1
    seconds: float = 0.0
    input: str | None = None
    output: str | None = None
    profile: str | None = None

    @property
    def warmup(self) -> float:
        """Seconds; where no time is asked for, one need not be exact either."""
        return _WARMUP if self.seconds else 0.0


@dataclass(frozen=True)
class Run:
    """What a process has measured: seconds and bytes; None is what its program does not tell.

    Attributes:
        mean: of its timed inferences.
        median: of them.
        init: from the path to a loaded model.
        first: of the first inference.
        peak_memory: on top of what the process had before.
        activation_bytes: that our delegate holds for maps.
        about: the runtime's version; may be empty.
        notes: what a reader should know.
        profile: where the time goes.
    """

    mean: float
    median: float | None = None
    init: float | None = None
    first: float | None = None
    peak_memory: int | None = None
    activation_bytes: int | None = None
    about: str = ""
    notes: tuple[str, ...] = ()
    profile: tuple[OpTime, ...] = ()


class Job(Protocol):
    """An entry, with all that it needs put on the machine.

    Attributes:
        program: name of what runs it.
        takes_files: whether it is fed by a file, and writes its output to one.
        profiles: whether it tells times of operators.
    """

    @property
    def program(self) -> str: ...

    @property
    def takes_files(self) -> bool: ...

    @property
    def profiles(self) -> bool: ...

    def command(self, call: Call) -> list[str]:
        """The program and its arguments, not quoted.

        Raises:
            ValueError: the program can't do that; says what to do.
        """
        ...

    def read(self, answer: Answer, profile: str | None) -> Run:
        """What a process told.

        Arguments:
            answer: how it ended.
            profile: text of the file that `Call.profile` names, where it came into being.

        Raises:
            ValueError: it failed, or its output can't be read; says why, and what to do.
        """
        ...
