"""Why programs fail there, by what shells and linkers of several systems say."""

from __future__ import annotations

import pytest

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.failures import explain
from larq_bvit.bench.remote.shell import Answer


@pytest.mark.parametrize(
    ("status", "errors", "words"),
    [
        (126, "sh: r: not executable: 64-bit ELF file", "runner is for another processor: it is a"),
        (137, "Killed", "signal 9 (SIGKILL) ended runner, most often because the machine had no"),
        (139, "Segmentation fault", "crashed; take another build of it; it said: Segmentation"),
        (132, "Illegal instruction", "met an illegal instruction: the processor lacks what"),
        (
            134,
            "terminate called after throwing 'std::bad_alloc'",
            "too little memory for the model",
        ),
        (2, "larq_bvit_runner: expected A; got B\nnoise", "failed (status 2): expected A; got B"),
        # of a library that our runner opens: the runner itself has started
        (
            2,
            "larq_bvit_runner: got l.so: l.so: Exec format error",
            "failed (status 2): got l.so: l",
        ),
        (3, "ERROR: the reason\nmore", "failed (status 3): ERROR: the reason"),
        (0, "", "printed no result that can be read; it said: nothing"),
    ],
)
def test_each_failure_has_its_own_words(status: int, errors: str, words: str) -> None:
    message = explain(Entry("f", "delegate", "neon"), Answer(status, "", errors), "runner")
    assert words in message


def test_an_illegal_instruction_without_the_delegate() -> None:
    message = explain(Entry("f", "xnnpack"), Answer(132, "", ""), "runner")
    assert message.startswith(
        "signal 4 (SIGILL) ended runner, for instructions that this processor"
    )


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
