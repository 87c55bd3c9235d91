"""Measures files on a machine: phones over adb, boards over ssh, this one by given programs."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from larq_bvit.bench.cosine import cosine
from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.cool_down import CoolDown
from larq_bvit.bench.remote.device import Device, describe
from larq_bvit.bench.remote.errors import GoneError, StoppedError, words_of
from larq_bvit.bench.remote.folder import open_folder
from larq_bvit.bench.remote.job import Call
from larq_bvit.bench.remote.pinning import pin
from larq_bvit.bench.remote.preparer import Preparer
from larq_bvit.bench.remote.programs import Programs
from larq_bvit.bench.remote.readings import Readings, read, warnings, worst
from larq_bvit.bench.remote.rounds import lose, run_rounds, sample
from larq_bvit.bench.remote.shell import DeviceError, Shell
from larq_bvit.bench.remote.site import Site
from larq_bvit.bench.remote.turn import Turn
from larq_bvit.bench.results import Measurement, Place
from larq_bvit.bench.timing import noise

log = logging.getLogger(__name__)

_PROFILED = 20  # inferences of a profile
TIMEOUT = 300.0  # seconds that a process may take


def measure(
    shell: Shell,
    files: Mapping[str, Path],
    entries: Sequence[Entry],
    *,
    programs: Programs,
    rounds: int = 5,
    seconds_per_round: float = 1.0,
    cool_down: float | None = None,
    profile: bool = False,
    inputs: Mapping[str, bytes] | None = None,
    expected: Mapping[str, np.ndarray] | None = None,
    zero_points: Mapping[str, int] | None = None,
    where: str | None = None,
    keep: bool = False,
    timeout: float = TIMEOUT,
    say: Callable[[str], None] = lambda text: None,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[Place, list[Measurement], list[str]]:
    """The machine, a measurement per entry in their order, and warnings.

    Each entry first runs once, by which its output is compared; then all run in shuffled rounds,
    a process each; then profiles are taken. An entry that fails has an error, and the others go
    on. Where the machine goes in the middle, or whatever else ends it, what was measured is kept.
    Where a program of one entry tells means only, the samples of all are means.

    Arguments:
        shell: reaches the machine.
        files: {name: path of a .tflite here}.
        entries: what to measure.
        programs: what runs them there.
        rounds: samples of each; a sample is the median of a process, or the mean.
        seconds_per_round: of a process at least.
        cool_down: seconds between rounds; None: until it is nearly as cool as at the start.
        profile: whether times of operators are taken, too, after the rounds.
        inputs: {name of a file: bytes of its input}.
        expected: {name of a file: its output for that input, by LCE's interpreter here or, where
            that can't run it, by stock TensorFlow Lite}.
        zero_points: {name of a file: what stands for 0 in its output}; 0 without.
        where: a folder on the machine; else one that suits it.
        keep: leaves files there for the next time.
        timeout: seconds that a process may take.
        say: takes what is under way.
        stopped: whether the user wants to stop.

    Raises:
        DeviceError: the machine is gone before anything ran, or no folder there can be used.
        StoppedError: the user wants to stop.
    """
    device, start = describe(shell), read(shell)  # before any work
    turns = [Turn(entry) for entry in entries]
    found: list[str] = []
    folder = open_folder(
        shell,
        android=bool(device.android),
        where=where,
        keep=keep,
        digests="sha256sum" in device.tools,
    )
    try:
        with folder:
            site = Site(shell, device, folder, timeout)
            cool = CoolDown(shell, start, cool_down)
            session = _Session(site, turns, files, inputs or {}, rounds, say, stopped)
            try:
                session.prepare(programs, seconds_per_round, expected or {}, zero_points or {})
                session.run(seconds_per_round, cool)
                if profile:
                    session.profile()
            except StoppedError:
                raise
            except Exception as error:  # most often a GoneError
                log.debug("%s", shell.name, exc_info=True)
                lose(turns, words_of(error), rounds)
                found.append(words_of(error))
    except DeviceError as error:  # of the end alone: what was put there is still there
        found.append(str(error))
    mean_of = next((turn.job.program for turn in turns if turn.job and turn.tells_means_only), None)
    measured = [turn.result(shell.name, device, mean_of) for turn in turns]
    noisy = noise({str(m): m.steady for m in measured if m.steady is not None})
    found += _busy(device) + _heat(device, turns, start, cool.readings) + [noisy] * bool(noisy)
    named = [
        text if shell.name in text else f"{shell.name}: {text}" for text in dict.fromkeys(found)
    ]
    return _place(device, start, cool.readings), measured, named


class _Session:
    """The steps of `measure`."""

    def __init__(
        self,
        site: Site,
        turns: Sequence[Turn],
        files: Mapping[str, Path],
        inputs: Mapping[str, bytes],
        rounds: int,
        say: Callable[[str], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._site, self._turns, self._files, self._rounds = site, turns, files, rounds
        self._say, self._stopped = say, stopped
        self._bytes, self._inputs = inputs, dict[str, str]()

    def prepare(
        self,
        programs: Programs,
        seconds: float,
        expected: Mapping[str, np.ndarray],
        zero_points: Mapping[str, int],
    ) -> None:
        """Puts files there, and runs each entry once."""
        preparer = Preparer(self._site, programs, (Call(), sample(seconds)))
        for turn in self._turns:
            if self._stopped():
                raise StoppedError
            self._say(f"putting {turn.entry} on {self._site.shell.name}")
            try:
                turn.job = preparer.job(turn.entry, self._files[turn.entry.file])
                if turn.job.takes_files:
                    self._put_input(turn.entry.file)
            except GoneError:
                raise
            except (DeviceError, OSError) as error:
                turn.error = words_of(error)
                continue
            file = turn.entry.file
            self._try(turn, expected.get(file), zero_points.get(file, 0))

    def run(self, seconds: float, cool: CoolDown) -> None:
        """The rounds."""
        run_rounds(
            self._site,
            self._turns,
            self._inputs,
            rounds=self._rounds,
            seconds=seconds,
            cool=cool,
            say=self._say,
            stopped=self._stopped,
        )

    def profile(self) -> None:
        """A process more for each entry whose program tells times of operators."""
        for number, turn in enumerate(self._turns):
            if not turn.goes_on or turn.job is None or not turn.job.profiles:
                continue
            self._say(f"profile of {turn.entry}")
            path = self._site.folder.output(f"profile-{number}.csv")
            call = Call(runs=_PROFILED, input=self._inputs.get(turn.entry.file), profile=path)
            run = turn.run(self._site, call)
            if run is None:  # its times are good all the same
                turn.notes.append(f"no profile: {turn.error}")
                turn.error = None
            else:
                turn.profile = run.profile

    def _put_input(self, name: str) -> None:
        if name not in self._bytes or name in self._inputs:
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "input.bin"
            path.write_bytes(self._bytes[name])
            self._inputs[name] = self._site.folder.put(path)

    def _try(self, turn: Turn, expected: np.ndarray | None, zero_point: int) -> None:
        """Runs an entry once, and compares its output."""
        assert turn.job is not None
        compares = turn.job.takes_files and expected is not None
        # a name for each: a program that writes none must not seem to have written another's
        name = f"output-{self._turns.index(turn)}.bin"
        output = self._site.folder.output(name) if compares else None
        fed = self._inputs.get(turn.entry.file) if turn.job.takes_files else None
        run = turn.run(self._site, Call(input=fed, output=output))
        if run is None or output is None or expected is None:
            return
        got = self._pulled(output)
        if got is None or got.size != expected.nbytes:
            size = "none" if got is None else f"{got.size} bytes"
            turn.notes.append(
                f"expected an output of {expected.nbytes} bytes, as LCE or stock TensorFlow Lite "
                f"gives here; got {size}"
            )
            return
        turn.cosine = cosine(got.view(expected.dtype), expected, zero_point)

    def _pulled(self, there: str) -> np.ndarray | None:
        """Bytes of a file there."""
        with tempfile.TemporaryDirectory() as folder:
            here = Path(folder) / "output.bin"
            try:
                self._site.shell.pull(there, here)
            except GoneError:
                raise
            except DeviceError:
                return None
            return np.frombuffer(here.read_bytes(), np.uint8)


def _place(device: Device, start: Readings, later: Sequence[Readings]) -> Place:
    """With heat and clocks at the start, and the worst of those after the rounds."""
    place = device.place()
    readings = {"start": start.as_dict(), "worst": worst(later).as_dict() if later else None}
    return replace(place, facts={**place.facts, "readings": readings})


def _heat(
    device: Device, turns: Sequence[Turn], start: Readings, later: Sequence[Readings]
) -> list[str]:
    if not later:
        return []
    cores = pin(device, max(turn.entry.threads for turn in turns)).cores
    return warnings(start, worst(later), cores)


def _busy(device: Device) -> list[str]:
    found = []
    if device.busy:
        found.append(
            f"the machine was busy with other work (load average {device.load:.1f} on "
            f"{len(device.cores)} cores): times are upper bounds, ratios count"
        )
    if device.governor == "powersave" and "x86_64" not in device.abis:
        found.append("its governor is powersave, which keeps clocks low: choose performance")
    return found
