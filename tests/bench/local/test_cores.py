"""Cores of this machine."""

import os

import pytest

from larq_bvit.bench.local.cores import Cores


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system can't pin")
def test_cores_are_those_that_this_process_may_use():
    own = os.sched_getaffinity(0)
    cores = Cores()
    assert set(cores.of(len(own))) == own
    assert len(cores.of(1)) == 1 and set(cores.of(1)) <= own


def test_readings_come_first_and_last():
    cores = Cores()
    assert cores.facts() == {} and cores.warnings([]) == []
    cores.read()
    cores.read()
    assert set(cores.facts()) == {"start", "worst"}
