"""How the figures of the page came about."""

from __future__ import annotations

from larq_bvit.bench.report.page.blocks import command
from larq_bvit.bench.report.page.markup import Markup, tag
from larq_bvit.bench.results import Results
from larq_bvit.bench.timing import ENOUGH

_METHOD = (
    (
        "Rounds",
        "All entries of a machine have a turn in every round, in a shuffled order, so that a busy "
        "or hot minute hits all of them; a turn gives a sample, after a warm-up. Times are medians "
        "of the samples with 95% bootstrap intervals. Of fewer than "
        f"{ENOUGH} rounds, which make no such interval, the smallest and the largest sample are "
        "shown, as min and max.",
    ),
    (
        "Times as fast",
        "Ratios are of medians, by as many threads on the same machine; rounds are resampled as "
        "pairs, so that a slow moment that hit both cancels out. A file that ran in several "
        "runtimes is compared with itself in the fastest of LCE\u2019s modes, or without LCE in "
        "the runtime that came first. Other files are compared with only where --against names "
        "them.",
    ),
    (
        "On the machine of the command (local)",
        "Each entry has a process of its own for all rounds. A sample is the median of inferences "
        "for 50 ms. Init and first are medians of 3 processes, which were started one by one; peak "
        "memory is that of the process of the rounds, once it is warm.",
    ),
    (
        "On other machines, and by programs of --binary and --tflite-lib",
        "Each sample has a process of its own, of about 1 s: its median, or its mean where the "
        "program tells nothing else, which is marked. Init and first are medians of the processes "
        "of all rounds, and peak memory is the most of them. benchmark_model feeds random inputs "
        "of its own.",
    ),
    (
        "Init, first and memory",
        "Init is from the file\u2019s path to a loaded model, first is the first inference after "
        "it. Peak memory is on top of the process before it opened the file.",
    ),
    (
        "Cosine",
        "It compares outputs for the same input. The reference is LCE\u2019s interpreter, or stock "
        "TensorFlow Lite\u2019s where that can\u2019t run the file; 1 means that both are the "
        "same.",
    ),
)


def method_section(results: Results) -> Markup:
    """It is true for all kinds of machines, whichever there were."""
    return tag(
        "section",
        tag("h2", "How it was measured"),
        *(tag("p", tag("b", f"{what}. "), words) for what, words in _METHOD),
        command(results.command, "All of it again"),
        id="method",
    )
