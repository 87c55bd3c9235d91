"""Which instructions the kernels of a runtime use on a processor."""

from __future__ import annotations

from collections.abc import Iterable

from larq_bvit.bench.entry import DELEGATE, ISAS, LCE, Entry

_INTEGERS = ("AMX", "AVX-512 VNNI", "AVX-VNNI", "i8mm", "dotprod")


def instructions(entry: Entry, processor: Iterable[str], isas: Iterable[str] = ()) -> str:
    """As far as is known: XNNPACK and LCE choose theirs by the processor and do not tell.

    Arguments:
        entry: which runtime.
        processor: names of `bench.cpu`.
        isas: that our delegate may choose from, the slowest first.
    """
    has = set(processor)
    if entry.runtime == DELEGATE:
        isa = entry.mode or next(reversed(list(isas)), "")
        return ISAS.get(isa, isa)
    arm = "NEON" in has
    if entry.runtime == LCE and not entry.mode.startswith("xnnpack"):
        # it has kernels of its own for ARM alone; what is not binary, TensorFlow Lite's compute
        return "NEON" if arm else "binary products: portable C++"
    floats = "NEON" if arm else next((x for x in ("AVX-512", "AVX2") if x in has), "")
    integers = next((x for x in _INTEGERS if x in has), floats)
    return f"{floats}; 8 bits: {integers}" if integers != floats else floats
