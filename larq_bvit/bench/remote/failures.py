"""Why a program failed on a machine, and what to do."""

from __future__ import annotations

import re

from larq_bvit.bench.entry import DELEGATE, LCE, Entry
from larq_bvit.bench.remote.runner import runner_error
from larq_bvit.bench.remote.shell import Answer

_WRONG_KIND = (
    r"not executable: (?P<kind>[\w-]+ ELF)|exec format error|cannot execute binary file"
    r"|cannot execute: required|syntax error|bad ELF|wrong ELF class"
)
_NO_LIBRARY = (
    r'CANNOT LINK EXECUTABLE.*?(?:library "(?P<a>[^"]+)" not found|$)'
    r"|error while loading shared libraries: (?P<b>[^:]+):|GLIBC_[\d.]+' not found"
)
_CUSTOM = r"(?:unresolved custom op:|custom operator) '?(\w+)"
_MEMORY = r"out of memory|bad_alloc|cannot allocate memory|failed to allocate"
_SIGNALS = {132: "illegal instruction", 134: "abort", 135: "bus error", 139: "segmentation fault"}


def explain(entry: Entry, answer: Answer, program: str) -> str:
    """The reason in a line or two, with the next step.

    Arguments:
        entry: what was tried.
        answer: how it ended; a status of 0 means that its output could not be read.
        program: its name.
    """
    text = f"{answer.errors}\n{answer.output}"
    custom = re.search(_CUSTOM, text, re.IGNORECASE)
    if custom:
        return _custom_operator(entry, custom[1])
    kind = re.search(_WRONG_KIND, text, re.IGNORECASE)
    if kind and answer.status in (2, 126, 127):
        what = f": it is a {kind['kind']} file" if kind["kind"] else ""
        return f"{program} is not for this machine{what}; give one that is built for its ABI"
    library = re.search(_NO_LIBRARY, text)
    if library:
        name = library["a"] or library["b"] or "a newer libc"
        return (
            f"{program} needs {name}, which this machine lacks; give one that is linked statically "
            f"or built for this system"
        )
    return _by_status(entry, answer, program, text)


def _by_status(entry: Entry, answer: Answer, program: str, text: str) -> str:
    if re.search(_MEMORY, text, re.IGNORECASE) or answer.status in (137, 143):
        how = (
            f"was killed (status {answer.status})" if answer.status > 128 else "had no memory left"
        )
        return (
            f"{program} {how}, as machines do that run out of memory; close other programs, or "
            f"take a smaller model"
        )
    if answer.status == 132 and entry.runtime == DELEGATE:
        return (
            f"{program} met an illegal instruction: the processor lacks what "
            f"'{entry.runtime_mode}' uses; try --runtime {DELEGATE}:portable"
        )
    if answer.status in _SIGNALS:
        return f"{program} crashed ({_SIGNALS[answer.status]}): {last_line(text)}"
    absent = answer.status == 126 and "No such file" in text  # mksh's 127
    if answer.status == 126 and not absent:
        return (
            f"{program} may not be executed there ({last_line(text)}); is its folder mounted "
            f"noexec, or is it no program?"
        )
    if answer.status == 127 or absent:
        return (
            f"{program} does not start ({last_line(text)}): its loader is missing, so it is for "
            f"another system (Android or Linux, 32 or 64 bits); give one that is built for this one"
        )
    if answer.status == 0:
        return f"{program} printed no result that can be read; it said: {last_line(text)}"
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
