"""What a benchmark is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from larq_bvit.bench.remote.programs import Programs
from larq_bvit.bench.results import Accuracy
from larq_bvit.bench.subjects.subject import Subject

LOCAL, ADB, SSH = "local", "adb", "ssh"
ROUNDS, ROUNDS_THERE = 20, 5  # there each sample is a process


@dataclass(frozen=True)
class Request:
    """One benchmark.

    Attributes:
        command: how it can be repeated.
        subjects: what is measured, the baselines among them.
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
    subjects: tuple[Subject, ...]
    places: tuple[str, ...]
    runtimes: list[tuple[str, str]] | None
    threads: list[int]
    rounds: int | None
    cache: Path
    profile: bool = True
    accuracies: dict[str, Accuracy] = field(default_factory=dict)
    programs: Programs = field(default_factory=Programs)
    cool_down: float | None = None
    timeout: float = 300.0
    keep: bool = False

    def rounds_at(self, place: str) -> int:
        """Of a machine."""
        return self.rounds or (ROUNDS if self.is_here(place) else ROUNDS_THERE)

    def is_here(self, place: str) -> bool:
        """Whether runtimes of this Python measure there, and no program of its own."""
        return place == LOCAL and not self.programs.binaries and not self.programs.libraries


def parse_place(text: str) -> tuple[str, str | None]:
    """(kind, serial or host) of what follows `--on`.

    Raises:
        ValueError: it is no such place.
    """
    kind, colon, name = text.partition(":")
    if kind == LOCAL and not colon:
        return LOCAL, None
    if kind == ADB and (name or not colon):
        return ADB, name or None
    if kind == SSH and name:
        return SSH, name
    raise ValueError(
        f"expected --on to be {LOCAL}, {ADB}, {ADB}:SERIAL or {SSH}:HOST; got {text!r}"
    )
