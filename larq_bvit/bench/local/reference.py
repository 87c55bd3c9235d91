"""What a file computes, as far as this machine can tell: outputs are compared with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from larq_bvit.bench.entry import LCE, XNNPACK
from larq_bvit.bench.local.mode import Mode
from larq_bvit.bench.local.worker import Worker


def reference(
    path: Path, batch: np.ndarray, runtimes: Sequence[str] = (LCE, XNNPACK)
) -> np.ndarray | None:
    """The first output by LCE's interpreter, else by stock TensorFlow Lite; None by neither.

    Numbers of 8 bits are as they are stored.

    Arguments:
        path: of the file.
        batch: its input, in its own type.
        runtimes: that are asked, in this order.
    """
    for runtime in runtimes:
        try:
            with Worker(Mode(runtime), path, [batch]) as worker:
                return worker.outputs[0]
        except RuntimeError:  # not installed, or it has not all operators
            continue
    return None
