import gc
from collections.abc import Iterator

import pytest

from larq_bvit._collector import lasting_import, paused_collection


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    frozen, was_on = gc.get_freeze_count(), gc.isenabled()
    gc.unfreeze()
    gc.enable()
    yield
    (gc.freeze if frozen else gc.unfreeze)()
    (gc.enable if was_on else gc.disable)()


def passes() -> list[int]:
    return [generation["collections"] for generation in gc.get_stats()]


both = pytest.mark.parametrize("pause", [paused_collection, lasting_import])


@both
def test_nothing_is_collected_while_it_is_open(pause) -> None:
    with pause():
        before = passes()
        kept = [[] for _ in range(100_000)]
        assert passes() == before
        assert not gc.isenabled()
    assert gc.isenabled()
    assert kept


@both
def test_a_collector_that_was_off_stays_off(pause) -> None:
    gc.disable()
    with pause():
        pass
    assert not gc.isenabled()


@both
def test_within_another_one_the_outer_one_decides(pause) -> None:
    with paused_collection():
        with pause():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


@both
def test_after_an_error_it_goes_on(pause) -> None:
    with pytest.raises(KeyError), pause():
        raise KeyError
    assert gc.isenabled()


def test_what_was_imported_is_old_without_a_pass() -> None:
    with lasting_import():
        kept = [{"key": object()} for _ in range(100_000)]
        before = passes()
    assert passes() == before
    assert any(one is kept for one in gc.get_objects(generation=2))
    assert not gc.get_freeze_count()


class Cycle:
    """What only the collector frees, as it does Keras' functional models."""

    alive = 0

    def __init__(self) -> None:
        Cycle.alive += 1
        self.itself = self

    def __del__(self) -> None:
        Cycle.alive -= 1


def test_what_was_made_in_a_pause_is_collected_in_time() -> None:
    """In a loop that makes little else; nobody calls the collector."""
    for _ in range(100):
        with paused_collection():
            Cycle()
            others = [[[]] for _ in range(50_000)]
    assert Cycle.alive < 60
    assert others


def test_frozen_objects_stay_frozen() -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    with lasting_import():
        pass
    assert gc.get_freeze_count() == pytest.approx(frozen, abs=100)  # some die meanwhile


def test_every_call_of_a_decorated_function_is_paused() -> None:
    @paused_collection()
    def collects() -> bool:
        return gc.isenabled()

    assert (collects(), collects()) == (False, False)
    assert gc.isenabled()
