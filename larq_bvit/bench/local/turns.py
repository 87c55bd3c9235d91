"""Workers in turn."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence


def in_turn(
    works: Sequence[Callable[[], float]],
    rounds: int,
    seed: int = 0,
    after: Callable[[], object] = lambda: None,
) -> list[list[float]]:
    """What each of them gives in every round; their order is shuffled, as in `interleaved`.

    Arguments:
        works: give a sample.
        rounds: how many of each.
        seed: of the order.
        after: is called after every round.
    """
    samples: list[list[float]] = [[] for _ in works]
    order, rng = list(range(len(works))), random.Random(seed)
    for _ in range(rounds):
        rng.shuffle(order)
        for i in order:
            samples[i].append(works[i]())
        after()
    return samples
