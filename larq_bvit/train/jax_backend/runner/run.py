"""Trains what `larq-bvit jax-export` has written. Needs Python 3.10 or newer, NumPy and JAX.

    python run.py                     to the end, from the newest snapshot in state/
    python run.py --minutes 9         stops by itself, and goes on where it is started again
    python run.py --check             looks whether all files are there, and starts nothing
    python run.py --compile           compiles into the cache; images and weights may come later
    python run.py --verify            takes the first steps beside TensorFlow's, and keeps nothing

Beside this file lie job.json, the exported functions, state/ (snapshots, the newest two), best/
(weights of the best epoch), history.csv, machines.csv (what it was trained on, and from which
epoch on), data/ and cache/ (compiled functions). State, best and history are written together,
every --save-minutes and at the end: an end by kill -9 loses what came after, and started again the
run goes on from there in the same bits. SIGTERM and Ctrl-C save and stop; a second Ctrl-C ends at
once.
"""

from __future__ import annotations

import argparse
import csv
import errno
import io
import math
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from functions import Functions, Job, compile_alone  # noqa: E402
from memory import keep_memory, use_huge_pages  # noqa: E402
from pieces import (  # noqa: E402
    discard,
    newest_snapshot,
    save_snapshot,
    snapshots,
    sweep,
    write_text,
)
from processor import processor  # noqa: E402
from verifying import verify  # noqa: E402

_SLOW_DISK = 100e6  # bytes per second: what the first snapshot is planned with
_CALL = 10.0  # seconds of steps at a time: signals, times and numbers are looked at in between


class Run:
    """A job's run, from its newest snapshot on."""

    def __init__(self, job: Job, deadline: float, save_every: float):
        """Arguments:
        deadline: of `time.monotonic`, to be done by.
        save_every: seconds between snapshots.
        """
        self.job, self.facts, self.folder = job, job.facts, job.folder
        self.deadline, self.save_every = deadline, save_every
        self.place, self.start = newest_snapshot(self.folder / "state")
        self.lines = [
            line
            for line in _read(self.folder / "history.csv")
            if int(line["epoch"]) <= self.place["epoch"]
        ]
        self.best: dict[str, Any] | None = None  # weights that no snapshot knows yet
        self.per_step, self.evaluation_seconds = 0.0, 0.0
        self.save_seconds = 1.0 + _bytes(self.start.values()) / _SLOW_DISK
        self.unsaved = False

    def go(self, functions: Functions, limit: float = math.inf) -> bool:
        """Trains; whether it has come to the end. Stops after `limit` steps, too."""
        place, steps = self.place, self.facts["steps_per_epoch"]
        done, self.saved = 0, time.monotonic()
        while place["epoch"] < self.facts["epochs"]:
            needed = self._evaluation_needs() if place["step"] == steps else self.per_step
            if done >= limit or time.monotonic() + needed + 2 * self.save_seconds > self.deadline:
                self._save(functions)
                return False
            if place["step"] == steps:
                self._finish_epoch(functions)
            else:
                done += self._train(functions, limit - done)
            over = place["epoch"] == self.facts["epochs"]
            if over or time.monotonic() - self.saved > self.save_every:
                self._save(functions)
        return True

    def _evaluation_needs(self) -> float:
        """Seconds; before the first one no more than as many training steps take."""
        images = self.facts["data"]["evaluation"]["examples"]
        batches = math.ceil(images / self.facts["eval_batch_size"])
        return self.evaluation_seconds or batches * self.per_step

    def _train(self, functions: Functions, limit: float) -> int:
        place, steps = self.place, self.facts["steps_per_epoch"]
        begin = time.monotonic()
        seconds = min(_CALL, self.deadline - begin - 2 * self.save_seconds)
        within = seconds / self.per_step if self.per_step else 1  # one step tells
        count = max(1, int(min(self.facts["together"], steps - place["step"], limit, within)))
        if place["step"] == 0:
            functions.reset_metrics()
        first = place["epoch"] * steps + place["step"]
        logs = functions.train(self.job.sampler, first, count)
        seconds = time.monotonic() - begin
        place["step"] += count
        if not math.isfinite(logs["loss"]):
            self._save_results()
            raise ValueError(
                f"the loss is {logs['loss']} at epoch {place['epoch'] + 1}, step {place['step']}; "
                "the last snapshot, the history and the best weights stand"
            )
        self.per_step, self.unsaved = seconds / count, True
        place.update(
            logs=logs, seconds=place["seconds"] + seconds, timed_steps=place["timed_steps"] + count
        )
        left = (self.deadline - time.monotonic()) / 60
        print(
            f"epoch {place['epoch'] + 1}/{self.facts['epochs']} step {place['step']}/{steps} "
            f"{count * self.facts['batch_size'] / seconds:,.0f} images/s loss {logs['loss']:.4f} "
            f"accuracy {logs['accuracy']:.2%}"
            + (f" {left:.1f} minutes left" if 0 < left < math.inf else ""),
            flush=True,
        )
        return count

    def _finish_epoch(self, functions: Functions) -> None:
        place, steps = self.place, self.facts["steps_per_epoch"]
        begin = time.monotonic()
        logs = {**place["logs"], **functions.evaluate(), **functions.signs()}
        self.evaluation_seconds = time.monotonic() - begin
        trained, images = place["seconds"], place["timed_steps"] * self.facts["batch_size"]
        place.update(epoch=place["epoch"] + 1, step=0, seconds=0.0, timed_steps=0, logs={})
        self.unsaved = True
        line = {
            "epoch": place["epoch"],
            "step": place["epoch"] * steps,
            "seconds": round(trained + self.evaluation_seconds, 2),
            "images_per_second": round(images / max(trained, 1e-9), 2) if images else math.nan,
            "learning_rate": float(functions.values[self.facts["learning_rate"]]),
            **logs,
        }
        self.lines.append(line)
        best = place["best"] is None or logs["val_accuracy"] > place["best"]
        if best:
            place.update(best=logs["val_accuracy"], best_epoch=place["epoch"])
            self.best = functions.evaluated()
        print(
            f"epoch {place['epoch']}/{self.facts['epochs']} done: "
            f"accuracy {logs['val_accuracy']:.2%} of {len(functions.eval_images.labels)} images"
            + (", the best so far" if best else ""),
            flush=True,
        )

    def _save(self, functions: Functions) -> None:
        if not self.unsaved:
            return
        begin = time.monotonic()
        self._save_results()
        name = f"epoch{self.place['epoch']:05}-step{self.place['step']:08}"
        save_snapshot(self.folder / "state", name, self.place, functions.state())
        self.saved, self.unsaved = time.monotonic(), False
        self.save_seconds = self.saved - begin

    def _save_results(self) -> None:
        if self.best is not None:  # before what knows them, beside those that the last state knows
            epoch = self.place["best_epoch"]
            save_snapshot(self.folder / "best", f"epoch{epoch:05}", {"epoch": epoch}, self.best)
            self.best = None
        if self.lines:
            write_text(self.folder / "history.csv", _to_csv(self.lines))

    def note_machine(self, machine: str) -> None:
        """Adds a line to machines.csv, unless its last one says the same."""
        path = self.folder / "machines.csv"
        lines = _read(path)
        if not lines or lines[-1]["machine"] != machine:
            line = {"epoch": self.place["epoch"] + 1, "machine": machine}
            write_text(path, _to_csv([*lines, line]))

    def clear(self) -> None:
        """Removes what ended processes have left, and the best weights of epochs to come again."""
        for name in ("state", "best"):
            sweep(self.folder / name)
        for name in snapshots(self.folder / "best"):
            if name > f"epoch{self.place['epoch']:05}":
                discard(self.folder / "best" / name)

    def check_space(self) -> None:
        """Raises:
        OSError: the disk has no space for a third snapshot beside the two that are kept.
        """
        evaluated = [self.start[name] for name in self.facts["evaluated"].values()]
        needed = 0
        for name, arrays in (("state", self.start.values()), ("best", evaluated)):
            kept = [self.folder / name / snapshot for snapshot in snapshots(self.folder / name)]
            # the first one is smaller: it only notes that the optimizer's arrays are zeros
            there = sum(file.stat().st_size for path in kept for file in path.iterdir())
            needed += max(_bytes(arrays), 3 * _bytes(arrays) - there)
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            text = f"expected {needed:,} free bytes for snapshots, got {free:,}"
            raise OSError(errno.ENOSPC, text, str(self.folder))


def _read(path: Path) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8")))) if path.is_file() else []


def _to_csv(lines: list[dict[str, Any]]) -> str:
    file = io.StringIO()
    columns = list(dict.fromkeys(name for line in lines for name in line))
    writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue()


def main() -> int:
    options = _options()
    job = Job(Path(__file__).resolve().parent)
    if options.compile:
        print(f"compiling for {_device(options.platform, job)}", flush=True)
        compile_alone(job)
        return 0
    deadline = time.monotonic() + 60 * options.minutes
    if not (options.check or options.verify):
        _lock(job.folder)
    run = Run(job, deadline, 60 * options.save_minutes)
    begin = time.monotonic()
    images = job.images(options.data)
    count = len(images[0].labels) + len(images[1].labels)
    print(f"read {count} images in {time.monotonic() - begin:.1f} s", flush=True)
    if options.check:
        print(f"all files are there: {len(images[0].labels)} images, {_standing(run)}")
        return 0
    device = _device(options.platform, job)
    if options.verify:
        return int(not verify(job, images, options.tolerance))
    run.clear()
    run.check_space()
    _stop_by_signals(run)
    functions = Functions(job, run.start, images)
    if run.place["epoch"] < job.facts["epochs"]:
        run.note_machine(device)
    print(f"{device}: ready; {_standing(run)}", flush=True)
    finished = run.go(functions, math.inf if options.steps is None else options.steps)
    print(_standing(run) + ("" if finished else "; start it again to go on"))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so many")
    parser.add_argument("--steps", type=int, help="stop after so many")
    parser.add_argument("--save-minutes", type=float, default=3.0, help="between snapshots")
    parser.add_argument("--platform", choices=("cuda", "cpu"), help="by default what JAX prefers")
    parser.add_argument("--data", type=Path, help="folder of the images, which jobs may share")
    parser.add_argument("--check", action="store_true", help="start nothing")
    parser.add_argument(
        "--compile", action="store_true", help="for later starts, and train nothing"
    )
    parser.add_argument("--verify", action="store_true", help="take the first steps, keep nothing")
    parser.add_argument(
        "--tolerance", type=float, default=0.1, help="relative difference that --verify lets pass"
    )
    return parser.parse_args()


def _device(platform: str | None, job: Job) -> str:
    """Sets JAX up, with a cache of what it compiles, by default in the job; the device's name.

    Raises:
        ImportError: JAX is missing or older than the one that has exported the job.
        ValueError: no such device.
    """
    try:
        import jax
    except ImportError as error:
        raise ImportError(
            f"{error}: pip install jax, for NVIDIA GPUs jax[cuda13], or jax[cuda12] where Python "
            "is 3.10"
        ) from error
    oldest = job.facts["made_with"]["jax"]
    if jax.__version_info__ < tuple(map(int, oldest.split("."))):
        raise ImportError(f"expected JAX {oldest} or newer; got {jax.__version__}")
    jax.config.update("jax_enable_x64", True)  # the exported types, as they are
    if not os.environ.get("JAX_COMPILATION_CACHE_DIR"):  # which jobs may share
        jax.config.update("jax_compilation_cache_dir", str(job.folder / "cache"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    try:
        device = jax.devices(platform)[0]
    except RuntimeError as error:
        raise ValueError(f"no device of --platform {platform}: {error}") from None
    if platform is not None:
        jax.config.update("jax_default_device", device)
    if device.platform == "cpu" and platform is None:
        print("note: JAX sees no GPU and takes the CPU")
    name = processor() if device.platform == "cpu" else device.device_kind
    return f"{name}, JAX {jax.__version__}"


def _lock(folder: Path) -> None:
    """Until this process ends no other one trains the job, where the system knows locks.

    Raises:
        ValueError: another one does.
    """
    try:
        import fcntl

        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o666)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ValueError(
            f"another process trains the job in {folder}: let it come to its end, or end it first"
        ) from None
    except (ImportError, OSError) as error:
        print(f"note: {folder} cannot be locked: {error}")


def _stop_by_signals(run: Run) -> None:
    def stop(number: int, _: Any) -> None:
        run.deadline = 0.0
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _bytes(arrays: Iterable[np.ndarray]) -> int:
    return sum(array.nbytes for array in arrays)


def _standing(run: Run) -> str:
    place, facts = run.place, run.facts
    text = f"{place['epoch']} of {facts['epochs']} epochs done"
    if place["step"]:
        text += f", and {place['step']} of {facts['steps_per_epoch']} steps"
    return text


if __name__ == "__main__":
    use_huge_pages()
    keep_memory()
    try:
        sys.exit(main())
    except (ValueError, ImportError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
