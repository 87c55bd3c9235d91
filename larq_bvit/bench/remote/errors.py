"""What can go wrong with a machine, so far as one must react in different ways."""

from __future__ import annotations

from larq_bvit.bench.remote.shell import DeviceError


class GoneError(DeviceError):
    """The machine can't be reached any more: nothing else can be measured there."""


class TimedOutError(DeviceError):
    """A command took too long; the machine may be well."""


class NoSpaceError(DeviceError):
    """A file does not fit there."""


class StoppedError(Exception):
    """The user wants to stop; what runs on several machines ends by this."""


def words_of(error: BaseException) -> str:
    """What an error says; of one that nobody foresaw also its kind."""
    if isinstance(error, DeviceError):
        return str(error)
    return f"{type(error).__name__}: {error}"
