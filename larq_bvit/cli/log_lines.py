"""What the library logs, as lines on stderr."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from larq_bvit._quiet import shown_stderr


class _Lines(logging.Handler):
    """A line for every record; stderr is what it is at that moment, or before it was hidden."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes it; a stderr that is gone is no reason to stop."""
        try:
            mark = "warning: " if record.levelno >= logging.WARNING else ""
            with shown_stderr():
                typer.echo(f"{mark}{self.format(record)}", err=True)
        except Exception:
            self.handleError(record)


@contextmanager
def log_lines() -> Iterator[None]:
    """Shows the library's records from INFO on: which weights were taken, what was changed."""
    log, handler = logging.getLogger("larq_bvit"), _Lines()
    level, propagate = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False  # TensorFlow's import gives the root a handler, which says all again
    try:
        yield
    finally:
        log.propagate = propagate
        log.setLevel(level)
        log.removeHandler(handler)
