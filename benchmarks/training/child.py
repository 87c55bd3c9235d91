"""A workload in a process of its own, which works when it is asked to and else waits.

Libraries that each bring their own threads then share nothing but the machine, and one run can
take them in turn.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

_MARK = "benchmark:"  # what a child says to us, among all that libraries print


def serve(
    about: dict[str, Any], step: Callable[[], object], before: Callable[[], object] | None = None
) -> None:
    """In the child: says what it is, then takes and times a step for every line that it reads.

    Arguments:
        about: what the parent shall know.
        step: what is timed.
        before: what is done before it, untimed.
    """
    _say(about)
    for _ in sys.stdin:
        if before:
            before()
        start = perf_counter()
        step()
        _say({"seconds": perf_counter() - start})


def _say(message: dict[str, Any]) -> None:
    print(_MARK, json.dumps(message), flush=True)


class Child:
    """In the parent: `with Child(python, "benchmarks.training.ours", ...) as child: child.step()`.

    Attributes:
        about: what the child has said of itself.
    """

    def __init__(self, python: str, module: str, **options: Any) -> None:
        """Starts it, and waits until it can work.

        Raises:
            RuntimeError: it has ended, with the end of what it printed.
        """
        self._printed: list[str] = []
        self._process = subprocess.Popen(
            [python, "-m", module, json.dumps(options)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            self.about = self._hear()
        except BaseException:
            self.__exit__()
            raise

    def step(self) -> float:
        """Lets it take one, and gives the seconds that it took."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._hear()["seconds"]

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(_MARK):
                return json.loads(line.removeprefix(_MARK))
            self._printed.append(line)
        raise RuntimeError(f"a benchmark has ended:\n{''.join(self._printed[-20:])}")

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
