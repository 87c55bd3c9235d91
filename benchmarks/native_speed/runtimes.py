"""What is measured: files in runtimes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from larq_bvit.bench import entry
from larq_bvit.bench.local.mode import Mode

LCE, TFLITE, DELEGATE = "LCE", "TFLite + XNNPACK", "TFLite + our delegate"
_RUNTIMES = {LCE: entry.LCE, TFLITE: entry.XNNPACK, DELEGATE: entry.DELEGATE}


@dataclass(frozen=True)
class Entry:
    """What is measured: a file in a runtime.

    Attributes:
        file: its name in `files`.
        runtime: LCE's interpreter; TensorFlow Lite with its default, XNNPACK; or with ours.
        options: LCE's (see `convert.Interpreter`), or our delegate's, but for threads.
        threads: number of them; a single one stays on one core.
    """

    file: str
    runtime: str
    options: dict[str, Any] = field(default_factory=dict)
    threads: int = 1

    @property
    def mode(self) -> Mode:
        """For a worker."""
        return Mode(_RUNTIMES[self.runtime], self.options, self.threads, tensorflow=True)

    def __str__(self) -> str:
        options = ", ".join(f"{key}={value}" for key, value in self.options.items())
        mode = f" ({options})" if options else ""
        threads = "" if self.threads == 1 else f", {self.threads} threads"
        return f"{self.file}: {self.runtime}{mode}{threads}"
