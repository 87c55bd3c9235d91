"""Runs entries in turn, a process each, so that a busy or hot minute hits all of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from larq_bvit.bench.remote.cool_down import CoolDown
from larq_bvit.bench.remote.errors import StoppedError
from larq_bvit.bench.remote.job import Call
from larq_bvit.bench.remote.site import Site
from larq_bvit.bench.remote.turn import Turn


def run_rounds(
    site: Site,
    turns: Sequence[Turn],
    inputs: Mapping[str, str],
    *,
    rounds: int,
    seconds: float,
    cool: CoolDown,
    say: Callable[[str], None],
    stopped: Callable[[], bool] = lambda: False,
    seed: int = 0,
) -> None:
    """Adds a sample per round to each entry that goes on.

    The order within a round is shuffled, as in `bench.timing.interleaved`.

    Arguments:
        site: the machine.
        turns: entries.
        inputs: {name of a file: path there of what it is fed}.
        rounds: samples of each.
        seconds: of each process at least.
        cool: waits between rounds.
        say: takes what is under way.
        stopped: whether the user wants to stop.
        seed: of the order.

    Raises:
        StoppedError: the user does.
        GoneError: the machine is gone; samples stay.
    """
    order, rng = list(turns), random.Random(seed)
    for number in range(1, rounds + 1):
        rng.shuffle(order)
        going = [turn for turn in order if turn.goes_on]
        if not going:
            break
        say(f"round {number} of {rounds}, {len(going)} entries")
        for turn in going:
            if stopped():
                raise StoppedError
            turn.measure(site, sample(seconds, _input(turn, inputs)))
        if number < rounds and any(turn.goes_on for turn in turns):
            cool.wait()
        else:
            cool.read()


def sample(seconds: float, input: str | None = None) -> Call:
    """What a process does in a round: at least 3 inferences, if it can in ten times the time."""
    return Call(runs=3, seconds=seconds, input=input)


def lose(turns: Sequence[Turn], error: str, rounds: int) -> None:
    """Notes that no more can be measured, which is the error of entries without a sample."""
    for turn in turns:
        if turn.goes_on and len(turn.runs) < rounds:
            if turn.runs:
                turn.notes.append(f"{len(turn.runs)} of {rounds} rounds: {error}")
            else:
                turn.error = error
        elif turn.error is None and turn.job is None:
            turn.error = error


def _input(turn: Turn, inputs: Mapping[str, str]) -> str | None:
    assert turn.job is not None
    return inputs.get(turn.entry.file) if turn.job.takes_files else None
