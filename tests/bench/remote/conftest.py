"""What tests of the flow share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.bench.remote.flow_bench import FlowBench


@pytest.fixture
def bench(tmp_path: Path) -> FlowBench:
    """Programs of sh, and a folder for the "machine"."""
    if not sys.platform.startswith("linux"):
        pytest.skip("Linux")
    return FlowBench(tmp_path)
