"""In which runtime a .tflite is run here, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from larq_bvit.bench.entry import DELEGATE, LCE, Entry

# LCE's options by the mode of an entry; indirect products are the fastest on most machines
LCE_OPTIONS: dict[str, dict[str, Any]] = {
    "": {},
    "indirect": {"use_indirect_bgemm": True},
    "xnnpack": {"use_indirect_bgemm": True, "use_xnnpack": True},
}


@dataclass(frozen=True)
class Mode:
    """A runtime with its options.

    Attributes:
        runtime: one of `entry.RUNTIMES`.
        options: LCE's (see `convert.Interpreter`), or our delegate's, but for threads.
        threads: number of them; a single one stays on one core.
        tensorflow: stock TensorFlow Lite is the one in TensorFlow, even where LiteRT is there.
    """

    runtime: str
    options: dict[str, Any] = field(default_factory=dict)
    threads: int = 1
    tensorflow: bool = False

    @staticmethod
    def of(entry: Entry) -> Mode:
        """That of an entry of `larq-bvit benchmark`."""
        if entry.runtime == LCE:
            return Mode(LCE, LCE_OPTIONS[entry.mode], entry.threads)
        isa = {"isa": entry.mode} if entry.runtime == DELEGATE and entry.mode else {}
        return Mode(entry.runtime, isa, entry.threads)
