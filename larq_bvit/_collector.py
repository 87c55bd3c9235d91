"""Python's garbage collector, paused while thousands of objects are made that stay."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def paused_collection() -> Iterator[None]:
    """While open, nothing is collected: each pass would look through all that there is again.

    Python counts passes, not objects, towards the one that frees dead models: by the pass at the
    end some ten pauses bring it about, whatever happens between them. Also a decorator.
    """
    with _paused(lambda: gc.collect(1)):
        yield


@contextmanager
def lasting_import() -> Iterator[None]:
    """While open, nothing is collected, and what is imported counts as old afterwards.

    TensorFlow's objects stay for good: to find that out takes half a second.
    """
    with _paused(_age):
        yield


@contextmanager
def _paused(at_end: Callable[[], object]) -> Iterator[None]:
    """Within another pause the outer one ends it."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            at_end()
            gc.enable()


def _age() -> None:
    if not gc.get_freeze_count():  # what somebody has frozen stays frozen
        gc.freeze()  # these two move everything to the oldest generation, unseen
        gc.unfreeze()
