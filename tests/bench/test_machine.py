"""The description of a machine."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
import tensorflow as tf

from larq_bvit.bench import machine
from larq_bvit.bench.machine import cores


def test_versions_and_cores():
    found = machine()
    assert found.tensorflow == tf.__version__
    assert found.python == ".".join(map(str, sys.version_info[:3]))
    assert 1 <= found.cores <= os.cpu_count()
    assert found.memory is None or found.memory > 2**28


def test_cores_are_those_that_the_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 7}, raising=False)
    assert cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1


@pytest.mark.parametrize("load, busy", [(None, False), (0.4, False), (2.9, False), (3.3, True)])
def test_busy_is_a_load_that_leaves_no_core_free(load, busy):
    found = replace(machine(), cores=4, load=load)
    assert found.busy is busy and found.as_dict()["busy"] is busy


def test_as_text():
    found = replace(
        machine(), cpu="Some CPU", instructions=("AVX2", "AMX"), mhz=2600.0, governor="performance"
    )
    found = replace(found, cores=4, load=0.5, memory=8 * 2**30, larq_compute_engine=None)
    assert str(found).startswith(
        "Some CPU at 2.60 GHz (governor performance), AVX2, AMX; 4 cores, 8 GiB, load average 0.5; "
    )
    assert str(found).endswith("Larq Compute Engine none")


def test_as_text_without_what_the_system_does_not_tell():
    found = replace(
        machine(), cpu="CPU", instructions=(), mhz=None, governor=None, cores=1, load=None
    )
    assert str(replace(found, memory=None)).startswith("CPU, instructions unknown; 1 cores; ")


def test_json():
    found = machine().as_dict()
    assert json.loads(json.dumps(found)) == found


def test_tensorflow_is_not_imported():
    code = "import sys; from larq_bvit import bench; bench.machine(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "larq_bvit.bench.machine" in done.stdout and "tensorflow" not in done.stdout.split()
