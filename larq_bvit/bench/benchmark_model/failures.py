"""Why a benchmark program gave no times, and what to do about it."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping, Sequence

_OTHER_BINARY = "give another program by --binary"
_MODEL = "is it a .tflite, and whole? `larq-bvit inspect FILE` tells"
_DELEGATE = "is it larq_bvit's, for this processor, and are its options right?"

# {what the program or the shell says: what it means, with the match's groups}; the first counts
_RULES = {
    r"(?:not executable: \S+ ELF|Exec format error|cannot execute binary file"
    r"|[Ss]yntax error: .*unexpected)": "the program is for another processor; take the one for "
    "this device's (on most phones aarch64, also called arm64-v8a)",
    r"(?:error while loading shared libraries: |CANNOT LINK EXECUTABLE.*?library \")"
    r"([^\s:\"]+)": "the program needs the library {0}, which is not there; take a program that is "
    "linked statically, or one made for this system",
    r"version `(GLIBC\S*)' not found": "the program needs {0}, and this system is older; take one "
    "that is linked statically, or made for this system",
    r"(\S+): (?:[Pp]ermission denied|can't execute)": "{0} may not be executed there: is it in a "
    "folder that allows it (on Android below /data/local/tmp), with `chmod +x`?",
    r"(\S+): (?:inaccessible or )?not found": "{0} is not there, or needs a loader that is not; "
    "take a program made for this system",
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
    r"(std::bad_alloc|[Oo]ut of memory)": "the device has too little memory for the model ({0}); "
    "take a smaller one, or end other programs",
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
_SIGNALS = {  # what a shell prints of them, where it does
    "Killed": signal.SIGKILL,
    "Segmentation fault": signal.SIGSEGV,
    "Aborted": signal.SIGABRT,
    "Illegal instruction": signal.SIGILL,
    "Bus error": signal.SIGBUS,
    "Terminated": signal.SIGTERM,
}
_MEANING = {
    signal.SIGKILL: "most often because the device had no memory left; take a smaller model, or "
    "end other programs",
    signal.SIGTERM: "by a time limit or by hand; ask for fewer runs",
    signal.SIGILL: "it uses instructions that this processor lacks; " + _OTHER_BINARY,
}


def why_failed(lines: Sequence[str]) -> str | None:
    """What went wrong and what to do, by what the program or the shell wrote; None: nothing.

    Arguments:
        lines: from `clean_lines`.
    """
    text = "\n".join(lines)
    if match := _NOT_LOADED.search(text):
        return f"the delegate {match[1]} could not be loaded ({match[2]}); " + _DELEGATE
    if match := _UNRESOLVED.search(text):
        return _unresolved(match[1] or match[2], bool(_CREATED.search(text)))
    return _first(_RULES, text)


def why_untrue(lines: Sequence[str]) -> str | None:
    """Why times that it gave are not those of what was asked for, or None where they are."""
    return _first(_UNTRUE, "\n".join(lines))


def how_ended(lines: Sequence[str], status: int = 0) -> str | None:
    """Which signal ended the program, in words, or None.

    Arguments:
        lines: that the program wrote, from `clean_lines`.
        status: with which it ended; 128 + N where signal N ended it.
    """
    number = status - 128 if status > 128 else -status if status < 0 else 0
    for name, known in _SIGNALS.items():
        if not number and any(re.search(rf"(?:^|\s){name}\b", line) for line in lines):
            number = known
    loading = bool(lines) and re.search(r"delegate created\.?$", _own(lines)[-1])
    if loading and number in (0, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS):
        return "it ended while it loaded the delegate, most often by a crash: " + _DELEGATE
    if not number:
        return None
    try:
        meaning = _MEANING.get(signal.Signals(number))
        return f"signal {number} ({signal.Signals(number).name}) ended it" + (
            f", {meaning}" if meaning else ": it crashed; " + _OTHER_BINARY
        )
    except ValueError:
        return f"it ended with status {status}"


def _first(rules: Mapping[str, str], text: str) -> str | None:
    for pattern, meaning in rules.items():
        if match := re.search(pattern, text):
            return meaning.format(*match.groups())
    return None


def _own(lines: Sequence[str]) -> list[str]:
    """The lines without those in which a shell tells how the program ended."""
    own = [line for line in lines if not any(name in line for name in _SIGNALS)]
    return own or list(lines)


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
