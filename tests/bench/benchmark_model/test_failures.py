"""Why programs give no times, by their words and by signals."""

import pytest

from larq_bvit.bench.benchmark_model.failures import how_ended, why_failed, why_untrue
from larq_bvit.bench.benchmark_model.output import parse_output

CREATED = "INFO: EXTERNAL delegate created."


@pytest.mark.parametrize(
    "said, meaning",
    [
        (
            "ERROR: Encountered unresolved custom op: LceBconv2d.",
            "lacks the operator LceBconv2d",
        ),
        ("Didn't find custom op for name 'LceQuantize' with version 1", "operator LceQuantize of"),
        ("Encountered unresolved custom op: Mul.", "lacks the operator Mul; give a program that"),
        (
            "Didn't find op for builtin opcode 'CONV_2D' version '5'",
            "older than the file, whose CONV_2D is of version 5; take a newer program",
        ),
        ("Model provided is schema version 4 not equal", "schema version 4, which"),
        ("ERROR: Could not open '/data/m.tflite'.", "can't open the model /data/m.tflite"),
        ("Failed to mmap model m.tflite", "can't read the model"),
        ("ERROR: The model is not a valid Flatbuffer buffer", "can't read the model"),
        ("Please specify the name of your TF Lite input file with --graph", "given no model"),
        ("ERROR: Failed to apply EXTERNAL delegate.", "could not be applied (EXTERNAL): is it"),
        (
            "INFO: Unable to load external delegate from : d.so (dlopen failed: d.so is 64-bit)",
            "the delegate d.so could not be loaded (dlopen failed: d.so is 64-bit)",
        ),
        ("terminate called after throwing an instance of 'std::bad_alloc'", "too little memory"),
        ("ERROR: Node number 7 (CONV_2D) failed to prepare.", "CONV_2D (number 7) failed to prep"),
        ("ERROR: Node number 7 (CONV_2D) failed to invoke.", "CONV_2D (number 7) failed to invo"),
        ("ERROR: Failed to allocate tensors!", "could not set up the model"),
        ("Failed to parse flag 'num_runs' against argv", "the value of its flag --num_runs"),
        ("bash: ./bm: cannot execute binary file: Exec format error", "for another processor"),
    ],
)
def test_words(said, meaning):
    reason = why_failed(["STARTING!", said])
    assert reason is not None and meaning in reason


def test_nothing_said():
    assert why_failed(["STARTING!", "count=5 curr=1"]) is None
    assert why_failed([]) is None and how_ended([]) is None and why_untrue([]) is None


def test_an_operator_that_the_delegate_left():
    said = [CREATED, "ERROR: Encountered unresolved custom op: LceQuantize."]
    said.append("ERROR: Failed to apply EXTERNAL delegate.")
    assert (why_failed(said) or "").startswith("the delegate did not take over the operator LceQ")


@pytest.mark.parametrize(
    "said, meaning",
    [
        ("WARN: Unconsumed cmdline flags: --a=1 --b", "does not know --a=1 --b and went on"),
        (
            "INFO: Though EXTERNAL delegate is explicitly applied, the model graph will not be "
            "executed by the delegate.",
            "took over no operator, so these are the times of the runtime's own kernels",
        ),
    ],
)
def test_times_of_something_else(said, meaning):
    assert meaning in (why_untrue([said]) or "")


@pytest.mark.parametrize(
    "lines, status, meaning",
    [
        (["x"], 137, "signal 9 (SIGKILL) ended it, most often because the machine had no memory"),
        (["x"], -9, "signal 9 (SIGKILL) ended it"),
        (["x", "Killed"], 0, "signal 9 (SIGKILL) ended it"),
        (["x"], 143, "signal 15 (SIGTERM) ended it, by a time limit"),
        (["x"], 132, "signal 4 (SIGILL) ended it, for instructions that this processor lacks"),
        (["x"], 139, "signal 11 (SIGSEGV) ended it: it crashed"),
        (["sh: line 1: 77 Segmentation fault ./bm"], 0, "signal 11 (SIGSEGV) ended it"),
        (["x"], 255, "it ended with status 255"),
        ([CREATED], 139, "it ended while it loaded the delegate"),
        ([CREATED, "Segmentation fault"], 0, "it ended while it loaded the delegate"),
        ([CREATED], 137, "signal 9 (SIGKILL)"),
        ([CREATED, "more"], 139, "signal 11 (SIGSEGV)"),
        (["x"], 1, None),
    ],
)
def test_signals(lines, status, meaning):
    ended = how_ended(lines, status)
    assert ended is None if meaning is None else (ended or "").startswith(meaning)


def test_a_killed_run():
    text = "STARTING!\nLoaded model m.tflite\nInitialized session in 1ms\nRunning benchmark for x\n"
    with pytest.raises(ValueError, match=r"the statistics of a run.*: signal 9 \(SIGKILL\)"):
        parse_output(text, 137)


def test_an_unknown_error_is_told():
    with pytest.raises(ValueError, match="it said 'ERROR: No luck today / ERROR: Benchmarking"):
        parse_output("STARTING!\nERROR: No luck today\nERROR: Benchmarking failed.\n", 1)
