"""The fused mode on random networks: regions, registers and memory in every combination."""

import pytest

from tests.native.fused import OnEdgeError, agree
from tests.native.random_graphs import random_network
from tests.native.stock import isas

EACH = 40


@pytest.mark.parametrize("first", range(0, 12 * EACH, EACH))
def test_random_networks(library, first):
    """Pairs of an instruction set and a number of threads; few have a value on an edge always."""
    names, skipped = isas(library), 0
    for seed in range(first, first + EACH):
        name, threads = names[seed % len(names)], 1 + seed // len(names) % 3
        turn = {"names": [name], "threads": [threads]}
        try:
            agree(library, random_network(seed), seed=seed, left=None, **turn)
        except OnEdgeError:
            skipped += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    assert skipped <= EACH // 10
