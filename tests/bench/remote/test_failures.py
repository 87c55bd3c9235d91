"""Why programs fail there, by what shells and linkers of several systems say."""

from __future__ import annotations

import pytest

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.failures import explain
from larq_bvit.bench.remote.shell import Answer

_ANDROID = 'CANNOT LINK EXECUTABLE "./r": library "libfoo.so" not found: needed by main executable'
_LINUX = "r: error while loading shared libraries: libfoo.so: cannot open shared object file"


@pytest.mark.parametrize(
    ("status", "errors", "words"),
    [
        (126, "sh: r: not executable: 64-bit ELF file", "not for this machine: it is a 64-bit ELF"),
        (126, "/bin/sh: 1: r: Exec format error", "not for this machine; give one"),
        (2, "r: line 1: syntax error: unexpected word", "not for this machine; give one"),
        (126, "bash: r: cannot execute binary file", "not for this machine; give one"),
        (126, "sh: r: can't execute: Permission denied", "mounted noexec"),
        (127, "sh: r: inaccessible or not found", "its loader is missing"),
        (127, "sh: 1: r: not found", "its loader is missing"),
        (126, "E: /bin/sh: /data/r: No such file or directory", "its loader is missing"),
        (1, _ANDROID, "needs libfoo.so, which this machine lacks"),
        (127, _LINUX, "needs libfoo.so, which this machine lacks"),
        (1, "r: /lib/libc.so.6: version `GLIBC_2.34' not found", "needs a newer libc"),
        (137, "Killed", r"was killed (status 137), as machines do that run out of memory"),
        (143, "", "was killed (status 143)"),
        (134, "terminate called after throwing 'std::bad_alloc'", "out of memory"),
        (1, "ERROR: failed to allocate tensors: out of memory", "had no memory left"),
        (132, "Illegal instruction", "met an illegal instruction"),
        (139, "Segmentation fault", "crashed (segmentation fault): Segmentation fault"),
        (2, "larq_bvit_runner: expected A; got B\nnoise", "failed (status 2): expected A; got B"),
        (3, "ERROR: the reason\nmore", "failed (status 3): ERROR: the reason"),
        (0, "", "printed no result that can be read; it said: nothing"),
    ],
)
def test_each_failure_has_its_own_words(status: int, errors: str, words: str) -> None:
    message = explain(Entry("f", "delegate", "neon"), Answer(status, "", errors), "runner")
    assert message.startswith("runner ") and words in message


@pytest.mark.parametrize(
    ("runtime", "step"),
    [
        ("xnnpack", "run this file by --runtime delegate or lce"),
        ("delegate", "the delegate has left it: larq-bvit inspect FILE --plan tells why"),
    ],
)
@pytest.mark.parametrize(
    "errors",
    [
        "ERROR: Encountered unresolved custom op: LceQuantize.\nSee instructions: https://x",
        "larq_bvit_runner: expected builtin ones; got f with custom operator LceQuantize: pass x",
    ],
)
def test_an_unknown_operator(runtime: str, step: str, errors: str) -> None:
    message = explain(Entry("f", runtime), Answer(1, "", errors), "runner")
    assert message == f"stock TensorFlow Lite has no operator LceQuantize; {step}"
