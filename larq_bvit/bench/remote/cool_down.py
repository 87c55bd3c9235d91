"""Waits until a machine is as cool as at the start."""

from __future__ import annotations

import time
from collections.abc import Callable

from larq_bvit.bench.remote.readings import Readings, read
from larq_bvit.bench.remote.shell import Shell

_NEAR = 3.0  # degrees over the start
_LONGEST = 30.0  # seconds of one wait
_ALTOGETHER = 180.0  # seconds of all waits; a phone in the sun never cools down
_STEP = 2.0


class CoolDown:
    """Between rounds.

    Attributes:
        readings: how rounds have left the machine, before each wait.
    """

    def __init__(
        self,
        shell: Shell,
        start: Readings,
        seconds: float | None = None,
        *,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """
        Arguments:
            shell: of the machine.
            start: its temperatures before any run.
            seconds: of each wait; None: until it is near the start's, where it tells.
            sleep: waits so many seconds.
        """
        self._shell, self._start, self._seconds, self._sleep = shell, start, seconds, sleep
        self._left = _ALTOGETHER
        self.readings: list[Readings] = []

    def read(self) -> Readings:
        """Notes how a round has left the machine.

        Raises:
            DeviceError: the machine is gone.
        """
        self.readings.append(read(self._shell))
        return self.readings[-1]

    def wait(self) -> None:
        """The same, and waits.

        Raises:
            DeviceError: the machine is gone.
        """
        now = self.read()
        if self._seconds is not None:
            self._sleep(self._seconds)
            return
        end = _LONGEST
        while self._is_hot(now) and end > 0 and self._left > 0:
            self._sleep(_STEP)
            end, self._left = end - _STEP, self._left - _STEP
            now = read(self._shell)

    def _is_hot(self, now: Readings) -> bool:
        if now.hottest is None or self._start.hottest is None:
            return False
        return now.hottest[1] > self._start.hottest[1] + _NEAR
