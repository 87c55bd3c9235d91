"""Rows of the profiler's tables, below heads of several versions."""

import pytest

from larq_bvit.bench.benchmark_model.profile_table import Row, Table, is_head

NEW = "\t [node type]\t [first]\t [avg ms]\t [%]\t [cdf%]\t [mem KB]\t[times called]\t[Name]"
FULL = NEW.replace("\t [first]", "\t [start]\t [first]")
FIRST = " [node type]\t [avg ms]\t  [Name]"
CSV = "node type, first, avg_ms, %, cdf%, mem KB, times called, name"
OLD_CSV = "node type, start, first, avg_ms, %, cdf%, mem KB, times called, name"


@pytest.mark.parametrize(
    "head, line, row",
    [
        (
            FULL,
            "\t CONV_2D\t 7.241\t 3.518\t 3.726\t 3.243%\t 9.539%\t 0.000\t 2\t[a/b]:4",
            Row("CONV_2D", "[a/b]:4", 3.726, pytest.approx(0.03243), 2, 7.241),
        ),
        (
            FULL,
            "   CONV_2D    7.241    3.518   3.726  3.243%  9.539%  0.000    1  [a b, c d]",
            Row("CONV_2D", "[a b, c d]", 3.726, pytest.approx(0.03243), 1, 7.241),
        ),
        (
            NEW,
            "\tLceBconv2d\t 0.272\t 0,459\t 44,430%\t 53.468%\t 0.000\t 1\t[a;b]:2",
            Row("LceBconv2d", "[a;b]:2", 0.459, pytest.approx(0.4443)),
        ),
        (
            NEW,
            "  Delegate/Add (ND, F32) x 0.1 0.2 50.000% 50.000% 0.000 200  [Delegate]:0",
            Row("Delegate/Add (ND, F32) x", "[Delegate]:0", 0.2, 0.5, 200),
        ),
        (NEW, "\tADD\t 0.0\t 0.000\t -nan%\t nan%\t 0.000\t 1\t[a]:0", Row("ADD", "[a]:0", 0.0)),
        (FIRST, "  Bconv2d64\t  1.016\t  [model/a]", Row("Bconv2d64", "[model/a]", 1.016)),
        (
            CSV,
            "Convolution (NHWC, F32), 0.02, 0.0273, 10.5%, 10.5%, 0, 1, Delegate/C (N\t F32):0",
            Row("Convolution (NHWC, F32)", "Delegate/C (N, F32):0", 0.0273, pytest.approx(0.105)),
        ),
        (
            OLD_CSV,
            "ADD, 1,5, 0,02, 0,0273, 10,5%, 10,5%, 0, 1, [a]:0",
            Row("ADD", "[a]:0", 0.0273, pytest.approx(0.105), 1, 1.5),
        ),
    ],
)
def test_rows(head, line, row):
    assert is_head(head) and Table(head).row(line) == row


@pytest.mark.parametrize(
    "line",
    [
        "\tCONV_2D\t 0.006\t 0.0",
        "\tCONV_2D\t 0.006\t 1.234,567\t 3.243%\t 9.539%\t 0.000\t 1\t[a]:4",
        "\tCONV_2D\t 0.006\t 0.\ufffd06\t 3.243%\t 9.539%\t 0.000\t 1\t[a]:4",
        "INFO: Initialized TensorFlow Lite runtime.",
        "",
    ],
)
def test_no_row(line):
    assert Table(NEW).row(line) is None


@pytest.mark.parametrize(
    "line", ["[Node type]\t[count]\t[avg ms]", "node type, count, avg_ms, avg %", "[node type]"]
)
def test_no_head(line):
    assert not is_head(line)


@pytest.mark.parametrize(
    "head", ["[node type] [avg ms] [energy] [Name]", "node type, first, %, name"]
)
def test_an_unknown_version(head):
    with pytest.raises(ValueError, match="of a version that is not known"):
        Table(head)
