"""CSV: timm's columns, what is not known, and texts that spreadsheets would compute."""

import csv
from dataclasses import replace
from io import StringIO
from statistics import fmean

import pytest

from larq_bvit.bench.report import to_csv
from larq_bvit.bench.report.csv_table import COLUMNS
from larq_bvit.bench.timing import Timing
from tests.bench.report import sample

# the first line of timm's results/benchmark-infer-fp32-nchw-pt240-cpu-i7_12700h-dynamo.csv
TIMM = (
    "model,infer_img_size,infer_samples_per_sec,infer_step_time,infer_batch_size,param_count,"
    "infer_gmacs,infer_macts"
)


def rows(results):
    return list(csv.DictReader(StringIO(to_csv(results))))


def test_timms_columns_come_first():
    head, *_ = to_csv(sample.single()).splitlines()
    assert head.startswith(TIMM + ",")
    assert head == ",".join(COLUMNS)


def test_a_row():
    results = sample.single()
    measurement = replace(results.measurements[0], cosine=0.987654321)
    results = replace(results, measurements=(measurement,))
    (row,) = rows(results)
    mean = fmean(measurement.steady.samples)
    words = {
        "model": "binaryvit_nano",
        "place": "local",
        "runtime": "lce",
        "sample": "median",
        "interval": "95%",
        "error": "",
        "notes": "",
    }
    assert {name: row.pop(name) for name in words} == words
    assert {name: float(value) for name, value in row.items()} == {
        "infer_img_size": 32,
        "infer_samples_per_sec": float(f"{1 / mean:.6g}"),
        "infer_step_time": float(f"{1e3 * mean:.6g}"),
        "infer_batch_size": 1,
        "param_count": 22.4918,
        "infer_gmacs": 0.008,
        "infer_macts": 2.48,
        "threads": 1,
        "binary_gmacs": 0.0071,
        "float_gmacs": 0.0009,
        "tflite_kib": 488.012,
        "init_ms": 4.976,
        "first_ms": 0.9064,
        "device_ms": float(f"{1e3 * measurement.steady.median:.6g}"),
        "device_ms_low": float(f"{1e3 * measurement.steady.low:.6g}"),
        "device_ms_high": float(f"{1e3 * measurement.steady.high:.6g}"),
        "peak_memory_mib": float(f"{measurement.peak_memory / 2**20:.6g}"),
        "cosine": 0.987654,
        "top1": 62.44,
    }  # fmt: skip


def test_counts_are_of_one_image_of_a_batch():
    results = sample.single()
    file = replace(results.files[0], input_shape=(4, 32, 48, 3))
    (row,) = rows(replace(results, files=(file,)))
    (one,) = rows(results)
    assert row["infer_batch_size"] == "4"
    assert row["infer_img_size"] == "48"
    for name in ("infer_gmacs", "infer_macts", "binary_gmacs", "float_gmacs"):
        assert float(row[name]) == pytest.approx(float(one[name]) / 4)
    assert float(row["infer_samples_per_sec"]) == pytest.approx(
        4 * float(one["infer_samples_per_sec"]), rel=1e-5
    )
    assert row["infer_step_time"] == one["infer_step_time"]


def test_a_failed_one_has_its_error_and_no_times():
    failed = rows(sample.results())[-1]
    assert failed["error"].startswith("killed by signal 9: the device has too little memory")
    empty = {name for name, value in failed.items() if value == ""}
    assert empty == {
        "infer_samples_per_sec",
        "infer_step_time",
        "init_ms",
        "first_ms",
        "device_ms",
        "device_ms_low",
        "device_ms_high",
        "interval",
        "sample",
        "peak_memory_mib",
        "cosine",
        "notes",
    }


@pytest.mark.parametrize(
    ("samples", "interval"),
    [([1.0, 2.0, 3.0, 5.0, 9.0], "95%"), ([3.0, 1.0, 2.0, 9.0], "min to max")],
)
def test_ends_say_what_they_are(samples, interval):
    results = sample.single()
    timing = Timing.of(samples)
    few = replace(results.measurements[0], steady=timing)
    (row,) = rows(replace(results, measurements=(few,)))
    assert row["interval"] == interval
    ends = [float(row[f"device_ms_{end}"]) for end in ("low", "high")]
    assert ends == [1e3 * timing.low, 1e3 * timing.high] == [1000, 9000]


def test_one_round_has_no_ends():
    results = sample.single()
    one = replace(results.measurements[0], steady=Timing.of([0.5]))
    (row,) = rows(replace(results, measurements=(one,)))
    assert row["device_ms"] == "500.0"
    assert [row[name] for name in ("device_ms_low", "device_ms_high", "interval")] == [""] * 3


def test_means_and_notes_are_told():
    results = sample.results()
    by_place = {row["place"]: row for row in rows(results) if not row["error"]}
    assert {place: row["sample"] for place, row in by_place.items()} == {
        "local": "median",
        "adb:0A1B2C3D": "mean",
        "ssh:board.local": "median",
    }
    assert by_place["adb:0A1B2C3D"]["notes"] == "cores 4 to 7 were at 2.9 GHz"
    two = replace(results.measurements[0], notes=("first", "=second\nline"))
    assert rows(replace(results, measurements=(two,)))[0]["notes"] == "first; =second line"


def test_every_measurement_has_one_line():
    results = sample.results()
    broken = replace(results.measurements[-1], error='first line\nsecond,\t"third"')
    results = replace(results, measurements=(*results.measurements[:-1], broken))
    assert len(to_csv(results).splitlines()) == 1 + len(results.measurements)
    assert rows(results)[-1]["error"] == 'first line second, "third"'


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", " \t=1+1", "\r=1+1"])
def test_no_formula_for_spreadsheets(name):
    (row,) = rows(sample.single(name))
    assert row["model"] == f"'{name.strip()}" or row["model"][0] not in "=+-@"
    assert row["model"].lstrip("'\ufffd ") == name.strip()


def test_other_texts_stay_as_they_are():
    (row,) = rows(sample.single('a=b, "c" \u00fc\u4e2d'))
    assert row["model"] == 'a=b, "c" \u00fc\u4e2d'


def test_names_that_are_no_utf8_can_be_written():
    assert (
        to_csv(sample.single("bad\udcff")).encode() == to_csv(sample.single("bad\ufffd")).encode()
    )
