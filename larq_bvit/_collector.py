"""Python's garbage collector, paused while thousands of objects are made that all stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collection() -> Iterator[None]:
    """While open, nothing is collected; what is there at its end counts as old. Also a decorator.

    Importing TensorFlow and building a model make a million objects: to look through them again
    and again, and once more at the end, would take a sixth of the time to the first prediction.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            if not gc.get_freeze_count():  # what somebody has frozen stays frozen
                gc.freeze()  # these two move everything to the oldest generation, unseen
                gc.unfreeze()
            gc.enable()
