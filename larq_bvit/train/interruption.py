"""Signals that ask a run to stop."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class InterruptedRun(Exception):  # noqa: N818  (it is no error)
    """A signal has stopped the run, which is saved and can be resumed.

    Attributes:
        exit_code: for a program to end with: 0 after SIGTERM, 130 after SIGINT.
    """

    def __init__(self, received: signal.Signals):
        super().__init__(f"stopped by {received.name}; the run is saved and can be resumed")
        self.exit_code = 0 if received is signal.SIGTERM else 128 + received


class Interruption:
    """While open, remembers SIGTERM and SIGINT instead of dying by them.

    A second SIGINT ends the process at once. In a thread, where no signal arrives, it does
    nothing.

    Attributes:
        received: the signal, once there was one.
    """

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.received = self.received or signal.Signals(number)
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.default_int_handler)
