"""Named steps of a long command, with their times."""

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

import typer

T = TypeVar("T")


class Steps:
    """Runs named steps, tells what is under way, and keeps their times in `seconds`."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, work: Callable[[], T]) -> T:
        if not self.quiet:
            typer.echo(f"{name} ... ", nl=False)
        start = perf_counter()
        try:
            result = work()
            self.seconds[name] = round(perf_counter() - start, 3)
        finally:
            if not self.quiet:
                typer.echo(f"{self.seconds[name]:.1f} s" if name in self.seconds else "failed")
        return result
