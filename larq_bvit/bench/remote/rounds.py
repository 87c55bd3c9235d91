"""Runs entries in turn, a process each, so that a busy or hot minute hits all of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from larq_bvit.bench.remote.cool_down import CoolDown
from larq_bvit.bench.remote.errors import GoneError, StoppedError
from larq_bvit.bench.remote.job import Call
from larq_bvit.bench.remote.readings import Readings
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
) -> list[Readings]:
    """Adds a sample per round to each entry that goes on; gives what the machine told meanwhile.

    The order within a round is shuffled, as in `bench.timing.interleaved`. Where the machine goes,
    samples stay; entries without any have that for an error.

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
    """
    order, rng, readings = list(turns), random.Random(seed), []
    try:
        for number in range(1, rounds + 1):
            rng.shuffle(order)
            going = [turn for turn in order if turn.goes_on]
            if not going:
                break
            say(f"round {number} of {rounds}, {len(going)} entries")
            for turn in going:
                if stopped():
                    raise StoppedError
                call = Call(runs=_RUNS, seconds=seconds, input=_input(turn, inputs))
                turn.measure(site, call)
            readings.append(cool.wait())
    except GoneError as error:
        lose(turns, error, rounds)
        raise
    return readings


_RUNS = 3  # inferences of a process at least, however slow


def lose(turns: Sequence[Turn], error: GoneError, rounds: int) -> None:
    """Notes that the machine is gone."""
    for turn in turns:
        if turn.goes_on and len(turn.runs) < rounds:
            if turn.runs:
                turn.notes.append(f"{len(turn.runs)} of {rounds} rounds: {error}")
            else:
                turn.error = str(error)
        elif turn.error is None and turn.job is None:
            turn.error = str(error)


def _input(turn: Turn, inputs: Mapping[str, str]) -> str | None:
    assert turn.job is not None
    return inputs.get(turn.entry.file) if turn.job.takes_files else None
