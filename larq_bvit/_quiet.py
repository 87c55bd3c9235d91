"""Imports TensorFlow without its chatter; TF_CPP_MIN_LOG_LEVEL below 3 lets all of it through."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from threading import RLock
from types import ModuleType

from larq_bvit._collector import lasting_import

# file descriptors that were number 2 before something else took its place, the first one first
_before: list[int] = []
_swapping = RLock()  # descriptor 2 is one for all threads


def import_tensorflow() -> ModuleType:
    """TensorFlow, with its loggers at ERROR.

    Raises:
        ImportError: as TensorFlow's import does.
    """
    with hidden_stderr(), lasting_import():
        import tensorflow
    if _wants_quiet():
        for name in ("tensorflow", "absl"):
            logging.getLogger(name).setLevel(logging.ERROR)
    return tensorflow


def _wants_quiet() -> bool:
    return os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "3"


@contextmanager
def hidden_stderr() -> Iterator[None]:
    """Hides file descriptor 2: what C++ libraries say before any log level counts."""
    if not _wants_quiet():
        yield
        return
    with open(os.devnull, "wb") as nowhere, _stderr_to(nowhere.fileno()):
        yield


@contextmanager
def captured_stderr() -> Iterator[Callable[[], str]]:
    """Keeps what is written to file descriptor 2; gives a function that tells it, afterwards."""
    with TemporaryFile() as kept:
        try:
            with _stderr_to(kept.fileno()):
                yield lambda: text
        finally:
            kept.seek(0)
            text = kept.read().decode(errors="replace")


@contextmanager
def shown_stderr() -> Iterator[None]:
    """Undoes the others for a moment: for lines that the user is to see whatever is hidden."""
    with _swapping:
        if not _before:
            yield
            return
        with _stderr_to(_before[0]):
            yield


@contextmanager
def _stderr_to(file: int) -> Iterator[None]:
    with _swapping:
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(file, 2)
        _before.append(kept)
    try:
        yield
    finally:
        with _swapping:
            os.dup2(kept, 2)
            _before.remove(kept)
        os.close(kept)
