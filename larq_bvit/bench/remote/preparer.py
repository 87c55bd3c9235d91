"""Puts what runs an entry on a machine: our runner, or a benchmark program that the user has."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from larq_bvit.bench.benchmark_model.flags import LCE as LCE_PROGRAM
from larq_bvit.bench.benchmark_model.flags import Flags, parse_help
from larq_bvit.bench.entry import DELEGATE, LCE, XNNPACK, Entry
from larq_bvit.bench.remote.benchmark_job import BenchmarkJob
from larq_bvit.bench.remote.errors import GoneError
from larq_bvit.bench.remote.failures import explain
from larq_bvit.bench.remote.fitting import check_fits, fitting, own_first
from larq_bvit.bench.remote.job import Call, Job
from larq_bvit.bench.remote.programs import Programs
from larq_bvit.bench.remote.runner_job import RunnerJob
from larq_bvit.bench.remote.shell import DeviceError
from larq_bvit.bench.remote.site import Site
from larq_bvit.bench.remote.tflite_library import has_xnnpack, tflite_library

_HELP_SECONDS = 30.0


class Preparer:
    """Makes jobs of entries; asks each benchmark program once for its flags."""

    def __init__(self, site: Site, programs: Programs, calls: Sequence[Call]) -> None:
        """
        Arguments:
            site: the machine.
            programs: of all machines.
            calls: that are to come, so that a program that can't do one is found out before.
        """
        self._site, self._programs, self._calls = site, programs, calls
        self._known: dict[Path, tuple[str, Flags] | DeviceError] = {}
        self._opened: Path | None = None  # the C library for this machine

    def job(self, entry: Entry, model: Path) -> Job:
        """Puts on the machine what an entry needs.

        Raises:
            DeviceError: no program runs it, something does not fit, or the machine is gone.
        """
        if entry.runtime == LCE or not self._programs.libraries:
            return self._benchmark_job(entry, model)
        try:
            return self._runner_job(entry, model)
        except GoneError:
            raise
        except DeviceError as error:  # the libraries may be for another machine
            if not self._programs.binaries:
                raise
            try:
                return self._benchmark_job(entry, model)
            except GoneError:
                raise
            except DeviceError as other:
                raise DeviceError(f"{error}; {other}") from error

    def _runner_job(self, entry: Entry, model: Path) -> Job:
        site, library = self._site, self._library()
        runner = fitting(self._programs.runners, site.device)
        if runner is None:
            raise DeviceError(
                f"there is no larq_bvit_runner for {site.device.abis[0]}; build native/ for it, or "
                f"give TensorFlow Lite's benchmark_model by --binary"
            )
        without = entry.runtime == XNNPACK and not has_xnnpack(library)
        job = RunnerJob(
            runner=site.folder.put(runner, executable=True),
            library=site.folder.put(library),
            notes=(f"{library.name} has no XNNPACK: its own kernels were timed",)
            if without
            else (),
            model=site.folder.put(model),
            entry=entry,
            delegate=self._delegate(entry),
        )
        self._check(job)
        return job

    def _library(self) -> Path:
        if self._opened is None:
            refusals, found = list[str](), list[Path]()
            for path in self._programs.libraries:
                try:
                    found.append(tflite_library(path, self._site.device.abis[0]))
                except ValueError as error:
                    refusals.append(str(error))
            if not found:
                raise DeviceError("; ".join(refusals))
            self._opened = own_first(found, self._site.device)[0]
        return self._opened

    def _delegate(self, entry: Entry) -> str | None:
        if entry.runtime != DELEGATE:
            return None
        device = self._site.device
        delegate = fitting(self._programs.delegates, device)
        if delegate is None:
            build = "make android" if device.android else "make arm"
            raise DeviceError(
                f"there is no liblarq_bvit_delegate.so for {device.abis[0]}; {build} builds it"
            )
        return self._site.folder.put(delegate)

    def _benchmark_job(self, entry: Entry, model: Path) -> Job:
        job = self._able(entry)
        put = self._site.folder.put
        return replace(job, model=put(model), delegate=self._delegate(entry))

    def _able(self, entry: Entry) -> BenchmarkJob:
        """By the first program made for the runtime that can do it, else by a substitute."""
        substitutes, refusals = list[BenchmarkJob](), list[str]()
        for path in self._programs.binaries:
            try:
                job, is_own = self._job_by(entry, path)
                if not is_own and entry.runtime != XNNPACK:
                    continue
                self._check(job)
            except GoneError:
                raise
            except DeviceError as error:
                refusals.append(str(error))
            else:
                if is_own:
                    return job
                substitutes.append(job)
        if substitutes:
            return substitutes[0]
        raise DeviceError("; ".join(refusals) or _missing(entry, self._programs.binaries))

    def _job_by(self, entry: Entry, path: Path) -> tuple[BenchmarkJob, bool]:
        """A job of which only the program is there yet; whether that is made for the runtime.

        LCE's is TensorFlow Lite with XNNPACK, too, for want of a better one.
        """
        known = self._ask(entry, path)
        if isinstance(known, DeviceError):
            raise known
        program, flags = known
        is_own = (flags.program == LCE_PROGRAM) == (entry.runtime == LCE)
        note = f"by {path.name}, which is TensorFlow Lite with XNNPACK, too"
        job = BenchmarkJob(
            path=program,
            program=path.name,
            flags=flags,
            model="model",
            entry=entry,
            delegate="delegate" if entry.runtime == DELEGATE else None,
            notes=() if is_own else (note,),
        )
        return job, is_own

    def _check(self, job: Job) -> None:
        for call in self._calls:
            try:
                job.command(call)
            except ValueError as error:  # such as a flag that the program lacks
                raise DeviceError(str(error)) from error

    def _ask(self, entry: Entry, path: Path) -> tuple[str, Flags] | DeviceError:
        if path not in self._known:
            try:
                self._known[path] = self._help(entry, path)
            except GoneError:
                raise
            except DeviceError as error:
                self._known[path] = error
        return self._known[path]

    def _help(self, entry: Entry, path: Path) -> tuple[str, Flags]:
        check_fits(path, self._site.device)
        program = self._site.folder.put(path, executable=True)
        answer = self._site.shell.run(f"{shlex.quote(program)} --help", _HELP_SECONDS)
        try:
            return program, parse_help(f"{answer.output}\n{answer.errors}")
        except ValueError as error:
            if answer.status in (0, 1):  # with which these programs end after --help
                raise DeviceError(f"{path}: {error}") from error
            raise DeviceError(explain(entry, answer, str(path))) from error


def _missing(entry: Entry, binaries: Sequence[Path]) -> str:
    given = f" (given: {', '.join(map(str, binaries))})" if binaries else ""
    if entry.runtime == LCE:
        return (
            f"Larq Compute Engine needs its benchmark program, built for this machine{given}: "
            f"--binary lce_benchmark_model, which its releases on GitHub have"
        )
    return (
        f"no program for runtime {entry.runtime}{given}: give a TensorFlow Lite C library or an "
        f"AAR with it by --tflite-lib, or TensorFlow Lite's benchmark_model by --binary"
    )
