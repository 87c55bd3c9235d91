"""Rounds."""

from larq_bvit.bench.local.turns import in_turn


def test_turns_are_shuffled_and_complete():
    order = []

    def work(name):
        return lambda: order.append(name) or float(name)

    samples = in_turn([work(name) for name in range(4)], rounds=6)
    assert samples == [[float(name)] * 6 for name in range(4)]
    rounds = [tuple(order[i : i + 4]) for i in range(0, 24, 4)]
    assert all(sorted(r) == [0, 1, 2, 3] for r in rounds) and len(set(rounds)) > 1
