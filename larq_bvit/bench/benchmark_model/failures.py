"""Why a benchmark program gave no times, and what to do about it."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping, Sequence

from larq_bvit.bench.benchmark_model.system_failures import (
    killed_by,
    signal_of,
    why_no_memory,
    why_refused,
    without_signals,
)

_OTHER_BINARY = "give another program by --binary"
_MODEL = "is it a .tflite, and whole? `larq-bvit inspect FILE` tells"
_DELEGATE = "is it larq_bvit's, for this processor, and are its options right?"

# {what the program says: what it means, with the match's groups}; the first counts
_RULES = {
    r"Failed to parse flag '(.*?)'": "the program does not take the value of its flag --{0}; "
    + _OTHER_BINARY,
    r"Didn't find op for builtin opcode '(\w+)' version '(\d+)'": "the program's TensorFlow Lite "
    "is older than the file, whose {0} is of version {1}; take a newer program",
    r"is schema version (\d+)": "the file has schema version {0}, which the program does "
    "not read; take a newer program",
    r"Could not open '(.*?)'": "the program can't open the model {0}; is it there, and readable?",
    r"(not a valid Flatbuffer|The model allocation is null|Failed to (?:load|mmap) model)": (
        "the program can't read the model; " + _MODEL
    ),
    r"name of your TF Lite input file": "the program was given no model; " + _OTHER_BINARY,
    r"Failed to apply (\S+) delegate": "the delegate could not be applied ({0}): " + _DELEGATE,
    r"Node number (\d+) \((\w+)\) failed to (prepare|invoke)": "the program's kernel of operator "
    "{1} (number {0}) failed to {2}; its TensorFlow Lite may be older than the file: take a newer "
    "program",
    r"Failed to allocate tensors": "the program could not set up the model; its TensorFlow Lite "
    "may be older than the file: take a newer program",
}
_UNTRUE = {  # the program goes on, but measures something else
    r"Unconsumed cmdline flags: (.*)": "the program does not know {0} and went on without; "
    + _OTHER_BINARY,
    r"Though (\S+) delegate is explicitly applied, the model graph will not": "the delegate took "
    "over no operator, so these are the times of the runtime's own kernels; leave the delegate "
    "out, or take a file with operators that it knows",
}
_UNRESOLVED = re.compile(r"unresolved custom op: (\w+)|Didn't find custom op for name '(\w+)'")
_CREATED = re.compile(r"(?:EXTERNAL|\S+) delegate created|External delegate path: ")
_NOT_LOADED = re.compile(r"Unable to load external delegate from : (\S+) \((.*)\)")


def why_failed(lines: Sequence[str], status: int = 0) -> str | None:
    """What went wrong and what to do, by what the program or the shell wrote; None: nothing.

    Arguments:
        lines: from `clean_lines`.
        status: with which the program ended; 0 where it is not known.
    """
    text = "\n".join(lines)
    if match := _NOT_LOADED.search(text):
        return f"the delegate {match[1]} could not be loaded ({match[2]}); " + _DELEGATE
    if match := _UNRESOLVED.search(text):
        return _unresolved(match[1] or match[2], bool(_CREATED.search(text)))
    return why_no_memory(text) or _first(_RULES, text) or why_refused(text, status)


def why_untrue(lines: Sequence[str]) -> str | None:
    """Why times that it gave are not those of what was asked for, or None where they are."""
    return _first(_UNTRUE, "\n".join(lines))


def how_ended(lines: Sequence[str], status: int = 0) -> str | None:
    """Which signal ended the program, in words, or None.

    Arguments:
        lines: that the program wrote, from `clean_lines`.
        status: with which it ended; 128 + N where signal N ended it.
    """
    number = signal_of("\n".join(lines), status)
    loading = bool(lines) and re.search(r"delegate created\.?$", without_signals([*lines])[-1])
    if loading and number in (0, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS):
        return "it ended while it loaded the delegate, most often by a crash: " + _DELEGATE
    return killed_by(number) if number else None


def _first(rules: Mapping[str, str], text: str) -> str | None:
    for pattern, meaning in rules.items():
        if match := re.search(pattern, text):
            return meaning.format(*match.groups())
    return None


def _unresolved(operator: str, delegate: bool) -> str:
    if delegate:
        return (
            f"the delegate did not take over the operator {operator}: {_DELEGATE} Its option "
            "verbose:1 prints what it takes, and why not the rest"
        )
    if operator.startswith(("Lce", "Lqce")):
        return (
            f"the program lacks the operator {operator} of Larq Compute Engine (LCE); give LCE's "
            "lce_benchmark_model by --binary, or run the file with larq_bvit's delegate"
        )
    return (
        f"the program lacks the operator {operator}; give a program that has it by --binary, "
        "or convert the model without it"
    )
