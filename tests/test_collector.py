import gc
from collections.abc import Iterator

import pytest

from larq_bvit._collector import paused_collection


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    frozen, was_on = gc.get_freeze_count(), gc.isenabled()
    gc.enable()
    yield
    if not frozen:
        gc.unfreeze()
    if not was_on:
        gc.disable()


def passes() -> list[int]:
    return [generation["collections"] for generation in gc.get_stats()]


def test_nothing_is_collected_while_it_is_open() -> None:
    with paused_collection():
        before = passes()
        kept = [[] for _ in range(100_000)]
        assert passes() == before
        assert not gc.isenabled()
    assert gc.isenabled()
    assert kept


def test_what_was_made_is_old_without_a_pass() -> None:
    with paused_collection():
        kept = [{"key": object()} for _ in range(100_000)]
        before = passes()
    assert passes() == before
    assert gc.get_count()[0] < 100_000
    assert any(one is kept for one in gc.get_objects(generation=2))
    assert not gc.get_freeze_count()


def test_garbage_of_it_is_collected_later() -> None:
    class Cycle:
        alive = 0

        def __init__(self) -> None:
            Cycle.alive += 1
            self.itself = self

        def __del__(self) -> None:
            Cycle.alive -= 1

    with paused_collection():
        for _ in range(10):
            Cycle()
        assert Cycle.alive == 10
    gc.collect()
    assert Cycle.alive == 0


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with paused_collection():
        pass
    assert not gc.isenabled()


def test_within_another_one_the_outer_one_decides() -> None:
    with paused_collection():
        with paused_collection():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_after_an_error_it_goes_on() -> None:
    with pytest.raises(KeyError), paused_collection():
        raise KeyError
    assert gc.isenabled()


def test_frozen_objects_stay_frozen() -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    with paused_collection():
        pass
    assert gc.get_freeze_count() == pytest.approx(frozen, abs=100)  # some die meanwhile


def test_every_call_of_a_decorated_function_is_paused() -> None:
    @paused_collection()
    def collects() -> bool:
        return gc.isenabled()

    assert (collects(), collects()) == (False, False)
    assert gc.isenabled()
