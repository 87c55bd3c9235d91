"""Times of operators, from profiles of several versions."""

import re

import pytest

from larq_bvit.bench.benchmark_model.op_profile import parse_op_profile
from larq_bvit.bench.results import OpTime
from tests.bench.benchmark_model.recorded_text import recorded

CNN = (
    ("CONV_2D", "float product", 0.412, "stem"),
    ("LceQuantize", "type conversion", 0.031, "binary1/sign"),
    ("LceBconv2d", "binary product", 1.204, "norm1"),
    ("ADD", "elementwise", 0.058, "add1"),
    ("AVERAGE_POOL_2D", "pooling and reduction", 0.077, "pool"),
    ("FULLY_CONNECTED", "float product", 0.012, "classifier"),
    ("SOFTMAX", "pooling and reduction", 0.006, "prediction"),
)
TOTALS = {  # {recording: (operators, milliseconds of an inference)}
    "lce_2019.txt": (7, 1.8),
    "lce_2020.txt": (7, 1.8),
    "delegate_profile_2023.txt": (9, 0.166202),
    "lce_2023.txt": (11, 1.03282),
    "lce_2023.csv": (11, 1.40727),
    "float_2023.txt": (6, 0.112806),
    "logcat_2023.txt": (6, 0.112806),
    "adb_2023.txt": (6, 0.112806),
    "inside_2023.txt": (7, 0.273133),
    "inside_2023.csv": (7, 0.262813),
    "loop_2023.txt": (2, 0.0570244),
    "litert_2026.txt": (4, 0.195),
}


@pytest.mark.parametrize("name", TOTALS)
def test_versions(name):
    profile = parse_op_profile(recorded(name))
    count, milliseconds = TOTALS[name]
    assert len(profile) == count
    # shares have 3 digits in text and 6 in CSV
    assert sum(row.milliseconds for row in profile) == pytest.approx(milliseconds, rel=5e-5)
    assert len({row.kind for row in profile}) > 1


@pytest.mark.parametrize("name", ["lce_2019.txt", "lce_2020.txt"])
def test_old_tables(name):
    got = parse_op_profile(recorded(name))
    assert [(row.operator, row.kind, row.name) for row in got] == [
        (operator, kind, tensor) for operator, kind, _, tensor in CNN
    ]
    assert [row.milliseconds for row in got] == pytest.approx([ms for _, _, ms, _ in CNN], abs=2e-5)


def test_the_first_table_of_lce():
    assert parse_op_profile(recorded("lce_first_2019.txt")) == (
        OpTime("model/binary1", "binary product", 1.016, "Bconv2d64"),
        OpTime("model/float1", "float product", 0.822, "CONV_2D"),
        OpTime("model/binary2", "binary product", 5.337, "Bconv2d64"),
        OpTime("model/float2", "float product", 5.362, "CONV_2D"),
    )


def test_text_and_csv_have_the_same_operators():
    text, csv = (parse_op_profile(recorded(f"lce_2023.{form}")) for form in ("txt", "csv"))
    assert [(row.name, row.kind, row.operator) for row in text] == [
        (row.name, row.kind, row.operator) for row in csv
    ]
    assert [row.operator for row in text] == [
        *("CONV_2D", "LceQuantize", "LceBconv2d", "ADD", "LceQuantize", "LceBconv2d", "PRELU"),
        *("ADD", "MEAN", "FULLY_CONNECTED", "SOFTMAX"),
    ]


def test_initialisation_is_none_of_it():
    assert "AllocateTensors" in recorded("delegate_profile_2023.txt")
    got = parse_op_profile(recorded("delegate_profile_2023.txt"))
    assert [row.operator for row in got].count("LarqBvitDelegate") == 2
    assert {row.kind for row in got if row.operator == "LarqBvitDelegate"} == {
        "larq_bvit's delegate"
    }
    assert not any("Allocate" in row.operator or "Modify" in row.operator for row in got)


@pytest.mark.parametrize("form", ["txt", "csv"])
def test_what_runs_inside_of_a_delegate(form):
    """In its place, in run order, and all together as long as it."""
    text = recorded(f"inside_2023.{form}")
    got = parse_op_profile(text)
    assert [(row.name, row.kind, row.operator) for row in got] == [
        ("Convolution (NHWC, F32) IGEMM", "float product", ""),
        ("Convolution (NHWC, F32) DWConv", "float product", ""),
        ("Convolution (NHWC, F32) GEMM", "float product", ""),
        ("Global Average Pooling (NWC, F32)", "pooling and reduction", ""),
        ("the rest of it", "XNNPACK", "TfLiteXNNPackDelegate"),
        ("model/prediction/MatMul", "float product", "FULLY_CONNECTED"),
        ("StatefulPartitionedCall:0", "pooling and reduction", "SOFTMAX"),
    ]
    row = r"TfLiteXNNPackDelegate[,\s]+[\d.]+[,\s]+([\d.]+)"
    whole = float(re.search(row, text.split("Regular")[1])[1])
    assert sum(row.milliseconds for row in got[:5]) == pytest.approx(whole, abs=6e-4)
    assert all(row.milliseconds > 0 for row in got)


def test_litert():
    """Its rows count the calls of all runs, and those inside of a delegate are among them."""
    assert parse_op_profile(recorded("litert_2026.txt")) == (
        OpTime("Convolution (NHWC, F32) IGEMM", "float product", 0.11),
        OpTime("Convolution (NHWC, F32) DWConv", "float product", 0.07),
        OpTime("the rest of it", "XNNPACK", pytest.approx(0.01), "TfLiteXNNPackDelegate"),
        OpTime("node 5", "pooling and reduction", 0.005, "SOFTMAX"),
    )


def test_litert_in_a_loop():
    text = re.sub(r"200(?=   \[Builtin\]:5)", "400", recorded("litert_2026.txt"))
    assert parse_op_profile(text)[-1].milliseconds == pytest.approx(0.01)


def test_a_loop_is_one_row():
    got = parse_op_profile(recorded("loop_2023.txt"))
    assert [row.operator for row in got] == ["WHILE", "ADD"]


def test_tensors_without_names_and_kernels_that_tell_more():
    text = recorded("lce_2023.txt").replace("[model/stem/Conv2D1]:0", "[]:0")
    text = re.sub(r"\tCONV_2D(?=\t)", "\tCONV_2D/3x3", text.replace("   CONV_2D\t", "\tCONV_2D\t"))
    first = parse_op_profile(text)[0]
    assert (first.name, first.operator, first.kind) == ("node 0", "CONV_2D", "float product")


def test_calls_count_where_shares_are_not_told():
    text = re.sub(r"Timings \(microseconds\).*", "", recorded("lce_2020.txt"))
    text = text.replace("\t        1\t[norm1]", "\t        3\t[norm1]")
    times = {row.name: row.milliseconds for row in parse_op_profile(text)}
    assert times["norm1"] == pytest.approx(3 * 1.204) and times["stem"] == 0.412


def test_a_localised_table_is_read_right():
    text = recorded("lce_2023.txt")
    localised = re.sub(r"(\d)\.(\d)", r"\1,\2", text)
    assert parse_op_profile(localised) == parse_op_profile(text)


@pytest.mark.parametrize("name", TOTALS)
def test_a_cut_profile_is_never_half_read(name):
    text = recorded(name)
    whole = parse_op_profile(text)
    lines = text.splitlines(keepends=True)
    kept = 0
    for count in range(len(lines)):
        try:
            got = parse_op_profile("".join(lines[:count]))
        except ValueError as error:
            assert re.search("Run it again|no profile at all", str(error))
        else:
            kept += 1
            if "inside" not in name and "loop" not in name:
                times = [row.milliseconds for row in got]
                assert times == pytest.approx([row.milliseconds for row in whole], abs=6e-4)
            else:  # before what is inside of the delegate or the loop, all is in one row
                total = sum(row.milliseconds for row in whole)
                assert sum(row.milliseconds for row in got) == pytest.approx(total, rel=0.01)
    assert 0 < kept < len(lines) / 2


@pytest.mark.parametrize(
    "change, message",
    [
        (
            lambda text: text.replace("0.459", "0.4\ufffd9", 1),
            "each of 11 operators .* got 10; the f",
        ),
        (
            lambda text: text.replace("44.430%", "44.430", 1),
            "first line that is no row is 'LceBconv",
        ),
        (lambda text: text[: text.index("Operator-wise")], "got only those of the initialisation"),
        (lambda text: "STARTING!", "got no profile at all"),
        (lambda text: "", "got no profile at all"),
        (
            lambda text: text[: text.rindex("Number of nodes")],
            r"expected 'Number of nodes executed' below the profile; it ends after 11 operator",
        ),
        (lambda text: text.replace("[mem KB]", "[energy]"), "of a version that is not known"),
        (
            lambda text: text.replace("executed: 11", "executed: 12"),
            "each of 12 operators .* got 11",
        ),
    ],
)
def test_garbled(change, message):
    with pytest.raises(ValueError, match=message):
        parse_op_profile(change(recorded("lce_2023.txt")))


def test_a_warning_between_rows_does_not_matter():
    text = recorded("lce_2023.txt")
    row = text.index("\t                                     ADD")
    mixed = text[:row] + "WARNING: linker: something\n" + text[row:]
    assert parse_op_profile(mixed) == parse_op_profile(text)
