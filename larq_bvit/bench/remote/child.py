"""Runs a program on this machine, and leaves nothing of it behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from larq_bvit.bench.remote.errors import TimedOutError
from larq_bvit.bench.remote.shell import Answer


def run(
    command: Sequence[str],
    timeout: float,
    *,
    text: str = "",
    source: Path | None = None,
    target: Path | None = None,
) -> Answer:
    """Runs a program until it ends; output that is no UTF-8 is read with marks in its place.

    Its process group is killed after the timeout and on Ctrl-C: adb and ssh start children that
    would keep our pipes open.

    Arguments:
        command: program and arguments.
        timeout: seconds.
        text: its standard input.
        source: a file that is its standard input instead.
        target: a file that takes its standard output; `output` is empty then.

    Raises:
        TimedOutError: it took longer.
        OSError: there is no such program, or it can't be run.
    """
    with _opened(source, "rb") as stdin, _opened(target, "wb") as stdout:
        process = subprocess.Popen(
            command,
            stdin=stdin or subprocess.PIPE,
            stdout=stdout or subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a group of its own, which Ctrl-C does not reach either
        )
        try:
            output, errors = process.communicate(None if source else text.encode(), timeout)
        except subprocess.TimeoutExpired:
            _kill(process)
            raise TimedOutError(f"{command[0]} took more than {timeout:.0f} s") from None
        except BaseException:
            _kill(process)
            raise
    status = process.returncode if process.returncode >= 0 else 128 - process.returncode
    return Answer(status, _text(output), _text(errors))


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:  # Windows
            process.kill()
    except ProcessLookupError:
        pass
    process.wait()
    # not to their end: ssh has handed them to its master, which holds them as long as it likes
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def _text(output: bytes | None) -> str:
    return (output or b"").decode(errors="replace")


class _opened:
    """`open` of a file, or nothing for None."""

    def __init__(self, path: Path | None, mode: str) -> None:
        self._file: BinaryIO | None = None if path is None else path.open(mode)  # type: ignore[assignment]

    def __enter__(self) -> BinaryIO | None:
        return self._file

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
