"""Why a file does not run in a runtime here, and what to do."""

from __future__ import annotations

import re

from larq_bvit.bench.entry import DELEGATE, LCE, XNNPACK, Entry

_UNRESOLVED = re.compile(
    r"(?:unresolved custom op|custom op(?:eration)?):? ?'?(\w*)", re.IGNORECASE
)


def explain(entry: Entry, text: str) -> str:
    """The reason that a worker gave, in a line or two with the next step.

    Arguments:
        entry: what was tried.
        text: the worker's traceback.
    """
    reason = _last_line(text)
    found = _UNRESOLVED.search(text)
    if entry.runtime == XNNPACK and found:
        operator = f" {found[1]}" if found[1] else ""
        return (
            f"stock TensorFlow Lite has no operator{operator}: run this file by --runtime "
            f"{DELEGATE} or {LCE}, or its twin, such as NAME:float32, by {XNNPACK}"
        )
    return reason


def _last_line(text: str) -> str:
    """What the last exception said, without its type; or how the process ended."""
    lines = [line for line in text.splitlines() if line.strip()]
    starts = [i for i, line in enumerate(lines) if re.match(r"[\w.]+(Error|Exception)?: ", line)]
    if not starts:
        return lines[-1].strip() if lines else "it failed without a word"
    said = " ".join(line.strip() for line in lines[starts[-1] :])
    return re.sub(r"^[\w.]+: ", "", said)
