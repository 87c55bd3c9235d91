"""Pinning holds inside, and leaves no trace."""

import os
import threading

import pytest

from larq_bvit.bench import pinned

can_pin = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux can pin")


@can_pin
def test_one_core_inside_and_all_after():
    before = os.sched_getaffinity(0)
    with pinned() as core:
        assert os.sched_getaffinity(0) == {core} and core in before
    assert os.sched_getaffinity(0) == before


@can_pin
def test_every_core_can_be_asked_for():
    for wanted in os.sched_getaffinity(0):
        with pinned(wanted) as core:
            assert os.sched_getaffinity(0) == {core} == {wanted}


@can_pin
def test_threads_started_inside_are_pinned():
    seen = []
    with pinned() as core:
        thread = threading.Thread(target=lambda: seen.append(os.sched_getaffinity(0)))
        thread.start()
        thread.join()
    assert seen == [{core}]


@can_pin
def test_an_error_inside_restores():
    before = os.sched_getaffinity(0)
    with pytest.raises(RuntimeError, match="inside"), pinned():
        raise RuntimeError("inside")
    assert os.sched_getaffinity(0) == before


@can_pin
def test_a_core_that_is_not_ours():
    with pytest.raises(ValueError, match="one of the cores .*; got -1"), pinned(-1):
        pass


def test_where_the_platform_can_not(monkeypatch):
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    with pinned() as core:
        assert core is None
