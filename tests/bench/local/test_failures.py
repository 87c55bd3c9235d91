"""Reasons in a line."""

from larq_bvit.bench.entry import LCE, XNNPACK, Entry
from larq_bvit.bench.local.failures import explain

TRACE = """small, xnnpack:
Traceback (most recent call last):
  File "worker.py", line 96, in _work
    about, logits, run = _open(mode, path, images)
RuntimeError: Encountered unresolved custom op: LceQuantize.
See instructions: https://www.tensorflow.org/lite/guide/ops_custom
Node number 1 (LceQuantize) failed to prepare.
"""


def test_an_unresolved_operator_has_a_way_out():
    text = explain(Entry("small", XNNPACK), TRACE)
    assert "no operator LceQuantize" in text and "--runtime delegate or lce" in text


def test_another_reason_is_what_the_exception_said():
    text = explain(Entry("small", LCE), "small:\nTraceback\n  File\nImportError: no such wheel\n")
    assert text == "no such wheel"
    assert explain(Entry("small", LCE), "small, lce has ended: -9") == "small, lce has ended: -9"


def test_causes_before_it_are_left_out():
    text = "x:\nKeyError: 'a'\n\nDuring handling of it:\nTraceback\nOSError: no room\nat all\n"
    assert explain(Entry("small", LCE), text) == "no room at all"
