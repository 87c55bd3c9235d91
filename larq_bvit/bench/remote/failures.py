"""Why a program failed on a machine, and what to do."""

from __future__ import annotations

import re
import signal

from larq_bvit.bench.benchmark_model.system_failures import (
    killed_by,
    signal_of,
    why_no_memory,
    why_refused,
)
from larq_bvit.bench.entry import DELEGATE, LCE, Entry
from larq_bvit.bench.remote.runner import runner_error
from larq_bvit.bench.remote.shell import Answer

_CUSTOM = r"(?:unresolved custom op:|custom operator) '?(\w+)"


def explain(entry: Entry, answer: Answer, program: str) -> str:
    """The reason in a line or two, with the next step.

    Arguments:
        entry: what was tried.
        answer: how it ended; a status of 0 means that its output could not be read.
        program: its name.
    """
    text = f"{answer.output}\n{answer.errors}"
    custom = re.search(_CUSTOM, text, re.IGNORECASE)
    if custom:
        return _custom_operator(entry, custom[1])
    if answer.status == 0:
        return f"{program} printed no result that can be read; it said: {last_line(text)}"
    own = runner_error(text)  # it has started, so the words of its libraries are in there
    refused = None if own else why_refused(text, answer.status, program)
    if reason := refused or why_no_memory(text):
        return reason
    number = signal_of(text, answer.status)
    if number == signal.SIGILL and entry.runtime == DELEGATE:
        return (
            f"{program} met an illegal instruction: the processor lacks what "
            f"'{entry.runtime_mode}' uses; try --runtime {DELEGATE}:portable"
        )
    if number:
        return f"{killed_by(number, program)}; it said: {last_line(text)}"
    return f"{program} failed (status {answer.status}): {last_line(text)}"


def _custom_operator(entry: Entry, operator: str) -> str:
    if entry.runtime == DELEGATE:
        step = "the delegate has left it: larq-bvit inspect FILE --plan tells why"
    else:
        step = f"run this file by --runtime {DELEGATE} or {LCE}"
    return f"stock TensorFlow Lite has no operator {operator}; {step}"


def last_line(text: str) -> str:
    """What matters most of a program's words: its last line about an error, or its last one."""
    own = runner_error(text)
    if own is not None:
        return own
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(?i)(error|fatal)\b", line)]
    return ([*lines[-1:], *errors[-1:]] or ["nothing"])[-1][:300]
