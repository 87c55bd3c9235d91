"""Where a run stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What is done, and what was best so far.

    Attributes:
        epoch: finished epochs.
        step: finished steps of the epoch after them. All of its steps: what is left of it is the
            evaluation.
        best: highest value of what is monitored; None before the first.
        best_epoch: epochs that were finished then.
        seconds: of training that the epoch under way has taken.
        timed_steps: how many of its steps these are of.
    """

    epoch: int = 0
    step: int = 0
    best: float | None = None
    best_epoch: int | None = None
    seconds: float = 0.0
    timed_steps: int = 0

    @property
    def name(self) -> str:
        """Of its checkpoint; names sort as time does."""
        return _name(self.epoch, self.step)

    @property
    def best_name(self) -> str | None:
        """Of the best epoch's checkpoint."""
        return None if self.best_epoch is None else _name(self.best_epoch, 0)


def _name(epoch: int, step: int) -> str:
    return f"epoch{epoch:05}-step{step:08}"
