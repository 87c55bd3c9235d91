"""Order and random numbers: a function of seed and step."""

import numpy as np
import pytest

from larq_bvit.train.data.sampler import Sampler, shuffled


def sampler(**changes):
    return Sampler(**{"examples": 23, "batch_size": 4, "width": 3, "seed": 5, **changes})


def steps(of, first, last):
    return [of(step) for step in range(first, last)]


def equal(some, others):
    return all(
        np.array_equal(a, b)
        for one, other in zip(some, others, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def test_an_epoch_visits_every_example_once():
    of = sampler(examples=24)
    assert of.steps_per_epoch == 6
    epochs = [np.concatenate([s.indices for s in steps(of, e * 6, e * 6 + 6)]) for e in range(3)]
    for order in epochs:
        assert sorted(order) == list(range(24))
    assert not np.array_equal(epochs[0], epochs[1]) and not np.array_equal(epochs[1], epochs[2])


def test_the_rest_is_dropped_and_is_another_one_in_every_epoch():
    of = sampler()
    left_out = set()
    for epoch in range(30):
        seen = np.concatenate([s.indices for s in steps(of, epoch * 5, epoch * 5 + 5)])
        assert len(set(seen)) == 20
        left_out |= set(range(23)) - set(seen)
    assert len(left_out) > 15


def test_any_step_without_those_before():
    assert equal(steps(sampler(), 0, 12)[7:], steps(sampler(), 7, 12))
    backwards = sampler()
    assert equal(steps(sampler(), 0, 12), [backwards(step) for step in range(11, -1, -1)][::-1])


def test_seeds_and_steps_differ():
    one, other = (
        sampler(examples=1000, batch_size=50),
        sampler(examples=1000, batch_size=50, seed=6),
    )
    assert not np.array_equal(one(0).indices, other(0).indices)
    rows = np.concatenate([s.draws for s in (one(0), one(1), one(20), other(0))])
    assert len(np.unique(rows, axis=0)) == len(rows)
    assert rows.dtype == np.float32 and rows.min() >= 0 and rows.max() < 1
    assert abs(rows.mean() - 0.5) < 0.05


def test_workers_share_the_batch():
    for step in (0, 4, 5, 17):
        whole = sampler(batch_size=6)(step)
        parts = [sampler(batch_size=6, shard=(k, 3))(step) for k in range(3)]
        assert all(len(part.indices) == 2 for part in parts)
        joined = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
        assert equal([whole], [joined])


def test_window_reads_near_and_mixes():
    order = shuffled(1000, np.random.default_rng(0), window=160)
    assert sorted(order) == list(range(1000))
    for start in range(0, 1000, 160):
        blocks = np.unique(order[start : start + 160] // 10)
        assert len(blocks) <= 17  # 16, and one more where a short block shifted the border
    assert np.mean(np.abs(np.diff(order)) == 1) < 0.1
    again = shuffled(1000, np.random.default_rng(0), window=160)
    np.testing.assert_array_equal(order, again)
    assert sorted(shuffled(10, np.random.default_rng(0), window=3)) == list(range(10))


def test_less_than_a_batch():
    with pytest.raises(ValueError, match="one batch of 64 examples, data.batch_size; got 23"):
        sampler(batch_size=64)
