"""Memory of a process."""

import subprocess
import sys

from larq_bvit.bench.local import memory

CODE = """
from larq_bvit.bench.local.memory import peak_resident, resident
before = resident()
block = bytearray(64 << 20)
held = resident()
del block
print(held - before, peak_resident() - before, resident() - before)
"""


def test_the_peak_stays_where_memory_is_given_back():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    held, peak, after = map(int, done.stdout.split())
    assert held >= 60 << 20 and after < 32 << 20
    assert peak >= held - (1 << 20)  # Linux counts in batches


def test_without_proc(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "none")
    assert memory.resident() is None and memory.peak_resident() is None
