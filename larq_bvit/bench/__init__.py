"""Timing that can be trusted, and the machine that it was taken on."""

from larq_bvit.bench.machine import Machine, machine
from larq_bvit.bench.pinned import pinned
from larq_bvit.bench.timing import Ratio, Timing, interleaved, speedup

__all__ = ["Machine", "Ratio", "Timing", "interleaved", "machine", "pinned", "speedup"]
