"""Why systems do not start programs, or end them."""

import signal

import pytest

from larq_bvit.bench.benchmark_model.system_failures import (
    killed_by,
    signal_of,
    why_no_memory,
    why_refused,
    without_signals,
)

ANDROID = 'CANNOT LINK EXECUTABLE "./r": library "libfoo.so" not found: needed by main executable'
SYMBOL = 'CANNOT LINK EXECUTABLE "./r": cannot locate symbol "new" referenced by "/data/r"...'
LINUX = "r: error while loading shared libraries: libfoo.so: cannot open shared object file"


@pytest.mark.parametrize(
    "status, text, reason",
    [
        (126, "sh: r: not executable: 64-bit ELF file", "is for another processor: it is a 64-bit"),
        (126, "/bin/sh: 1: r: Exec format error", "is for another processor; take one"),
        (126, "bash: r: cannot execute binary file", "is for another processor; take one"),
        (2, "r: line 1: syntax error: unexpected word", "is for another processor; take one"),
        (2, 'r: 1: Syntax error: "(" unexpected', "is for another processor; take one"),
        (126, "sh: r: can't execute: Permission denied", "may not be executed there (sh: r: can't"),
        (126, "", "may not be executed there: is it a program, with `chmod +x`, in a folder"),
        (127, "sh: r: inaccessible or not found", "does not start (sh: r: inaccessible or not f"),
        (127, "sh: 1: r: not found", "does not start (sh: 1: r: not found): it is not there, or"),
        (126, "E: /bin/sh: /data/r: No such file or directory", "does not start (E: /bin/sh"),
        (127, "bash: r: cannot execute: required file not found", "does not start (bash: r: cann"),
        (1, ANDROID, "needs the library libfoo.so, which this machine lacks; take one that is"),
        (127, LINUX, "needs the library libfoo.so, which this machine lacks; take one that is"),
        (1, SYMBOL, f"can't be linked there ({SYMBOL}); take one that is linked statically"),
        (1, "r: libc.so.6: version `GLIBC_2.34' not found", "needs GLIBC_2.34, and this system is"),
    ],
)
def test_programs_that_are_not_started(status, text, reason):
    for known in (status, 0) if text else (status,):  # words tell it without a status, too
        assert (why_refused(text, known, "r") or "").startswith(f"r {reason}")


@pytest.mark.parametrize("status", [1, 3, 134])
def test_a_program_that_was_started_may_say_the_same_words(status):
    for text in ("m: Permission denied", "x: not found", "syntax error, unexpected 1"):
        assert why_refused(text, status) is None
    assert why_refused("ERROR: anything", 0) is None


def test_memory():
    for words in ("std::bad_alloc", "Out of memory", "Cannot allocate memory"):
        reason = f"the machine has too little memory for the model ({words}); take a smaller one"
        assert (why_no_memory(f"terminate: {words}!") or "").startswith(reason)
    assert why_no_memory("Memory (bytes): count=0") is None


def test_signals_by_status_or_else_by_words():
    assert [signal_of("", status) for status in (137, -9, 1, 0)] == [9, 9, 0, 0]
    assert signal_of("x\nKilled\n", 0) == signal.SIGKILL
    assert signal_of("sh: line 1: 77 Segmentation fault ./r", 0) == signal.SIGSEGV
    assert signal_of("Killed", 1) == 0  # the program's own word
    assert signal_of("WasKilled Killedness", 0) == 0
    assert without_signals(["a", "Killed"]) == ["a"]
    assert without_signals(["Killed"]) == ["Killed"]


def test_what_signals_mean():
    assert killed_by(9, "r").startswith("signal 9 (SIGKILL) ended r, most often because")
    assert killed_by(11) == "signal 11 (SIGSEGV) ended it: it crashed; take another build of it"
    assert killed_by(127) == "it ended with status 255"
