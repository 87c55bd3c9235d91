"""Lines of a program among what terminals, adb and Android's log add."""

import pytest

from larq_bvit.bench.benchmark_model.lines import clean_lines, number


def test_own_lines():
    text = "\x1b[32mINFO: one\x1b[0m\r\r\n\n  two\t3 \r\x00three\x07"
    assert clean_lines(text) == ["INFO: one", "  two\t3", "three"]


def test_the_log_alone_is_the_output():
    text = (
        "05-31 10:31:13.006 21767 21767 I tflite  : STARTING!\n"
        "05-31 10:31:13.007  1488  1702 W ActivityManager: killing: all\n"
        "05-31 10:31:13.008 21767 21767 I tflite  : \ta: b\n"
        "I/tflite_BenchmarkModelActivity(21767): end"
    )
    assert clean_lines(text) == ["STARTING!", "\ta: b", "end"]


def test_the_log_beside_the_output_is_left_out():
    text = "STARTING!\n05-31 10:31:13.006 21767 21767 I tflite  : STARTING!\nmore"
    assert clean_lines(text) == ["STARTING!", "more"]


@pytest.mark.parametrize(
    "text, value", [("12", 12), ("1041.15", 1041.15), ("1041,15", 1041.15), ("2.95e+06", 2.95e6)]
)
def test_number(text, value):
    assert number(text) == value
