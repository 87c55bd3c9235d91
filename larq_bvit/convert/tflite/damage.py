"""One error for whatever reading damaged bytes raises."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

# of flatbuffers, flexbuffers and numpy: offsets beyond the end or in a circle, missing tables,
# sizes that don't fit
_RAISED = (
    struct.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


@contextmanager
def damage_is_a_value_error() -> Iterator[None]:
    """For code that reads the insides of a .tflite.

    Raises:
        ValueError: the bytes are damaged; names what went wrong.
    """
    try:
        yield
    except _RAISED as error:
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(f"this .tflite is damaged: {reason}") from error
