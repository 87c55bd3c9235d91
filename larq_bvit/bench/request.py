"""What a benchmark is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from larq_bvit.bench.place_name import LOCAL
from larq_bvit.bench.remote.flow import TIMEOUT
from larq_bvit.bench.remote.programs import Programs, fits_here
from larq_bvit.bench.results import Accuracy
from larq_bvit.bench.subjects.subject import Subject

ROUNDS, ROUNDS_THERE = 20, 5  # there each sample is a process


@dataclass(frozen=True)
class Request:
    """One benchmark.

    Attributes:
        command: how it can be repeated.
        options: of the command, that a single measurement is repeated with, too.
        options_made: the same, of models that are made and not given as files.
        options_there: the same, where this Python's runtimes do not measure.
        subjects: what is measured, the baselines among them.
        baselines: names of those that the others are compared with.
        places: "local", "adb", "adb:SERIAL" or "ssh:HOST" each.
        runtimes: (runtime, mode) each; None for those that suit a file best.
        threads: numbers of them.
        rounds: samples of each; None for `ROUNDS` here, and `ROUNDS_THERE` on other machines.
        cache: folder that keeps what is made.
        profile: whether steps are timed.
        accuracies: {name of a subject: what the user knows of it}.
        programs: what runs files on other machines; here, too, where there are some.
        cool_down: seconds between rounds there; None until a machine is nearly as cool as at first.
        timeout: seconds that a process there may take.
        keep: whether what was copied to a machine stays there.
    """

    command: str
    options: tuple[str, ...]
    subjects: tuple[Subject, ...]
    baselines: tuple[str, ...]
    places: tuple[str, ...]
    runtimes: list[tuple[str, str]] | None
    threads: list[int]
    rounds: int | None
    cache: Path
    profile: bool = True
    accuracies: dict[str, Accuracy] = field(default_factory=dict)
    programs: Programs = field(default_factory=Programs)
    cool_down: float | None = None
    timeout: float = TIMEOUT
    keep: bool = False
    options_made: tuple[str, ...] = ()
    options_there: tuple[str, ...] = ()

    def rounds_at(self, place: str) -> int:
        """Of a machine."""
        return self.rounds or (ROUNDS if self.is_here(place) else ROUNDS_THERE)

    def is_here(self, place: str) -> bool:
        """Whether this Python's runtimes measure there, and not the user's programs for it."""
        return place == LOCAL and not fits_here(self.programs)
