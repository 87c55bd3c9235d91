"""Times of programs, from the output of several versions; and why there are none."""

import re

import pytest

from larq_bvit.bench.benchmark_model.output import Output, parse_output
from tests.bench.benchmark_model.recorded_text import FOLDER, recorded

COMPLETE = {
    "stock_2018.txt": (4452, 146161, 146161, 137722, 137079, 143416, 896, 50),
    "lce_first_2019.txt": (63227, 420911, 420198, 422959, 421990, 425112, 604, 50),
    "lce_2019.txt": (1892, 2210, 1880.42, 1893.06, 1871, 1989, 17, 528),
    "lce_2020.txt": (855, 2210, 1880.42, 1893.06, 1871, 1989, 17, 528),
    "slow_2022.txt": (17187, 3512391, 3512391, 2950340, 2727568, 3189954, 109798, 50),
    "delegate_2023.txt": (13347, 161, 93.4456, 92.6535, 43, 4166, 418, 1114),
    "lce_2023.txt": (549, 926, 1042.04, 1036.38, 501, 6474, 1390, 100),
    "float_2023.txt": (563, 392, 108.738, 115.244, 54, 4145, 489, 881),
    "logcat_2023.txt": (563, 392, 108.738, 115.244, 54, 4145, 489, 881),
    "adb_2023.txt": (563, 392, 108.738, 115.244, 54, 4145, 489, 881),
    "one_run_2023.txt": (450, 4521, None, 4521, 4521, 4521, 0, 1),
    "xnnpack_2025.txt": (119515, 87112, 58147.4, 63743.2, 49088, 686105, 60716, 1000),
    "litert_2026.txt": (5128, 1119, 208.37, 206.42, 199, 260, 6, 200),
}
MIB = {  # memory on top of what the program had at first
    "stock_2018.txt": None,
    "lce_2019.txt": None,
    "lce_2020.txt": 12.8672,
    "slow_2022.txt": 46.0859,
    "delegate_2023.txt": 8.32031,
    "one_run_2023.txt": 3.59766,
    "litert_2026.txt": 7.5,
}


@pytest.mark.parametrize("name", COMPLETE)
def test_versions(name):
    *times, runs = COMPLETE[name]
    got = parse_output(recorded(name))
    found = got.init, got.first, got.warmup, got.mean, got.min, got.max, got.std
    microseconds = [None if value is None else round(1e6 * value, 4) for value in found]
    assert microseconds == times and got.runs == runs


@pytest.mark.parametrize("name", MIB)
def test_memory(name):
    expected = MIB[name]
    bytes_ = None if expected is None else round(expected * 2**20)
    assert parse_output(recorded(name)).peak_memory == bytes_


def test_memory_of_2019():
    line = "[Overall] - Memory usage: max resident set size = 5.5 MB, total malloc-ed size = 0 MB"
    assert parse_output(f"{recorded('lce_2019.txt')}\n{line}").peak_memory == 5.5 * 2**20


def test_medians_are_told_since_2024():
    medians = {name: parse_output(recorded(name)).median for name in COMPLETE}
    assert medians.pop("xnnpack_2025.txt") == pytest.approx(51891e-6)
    assert medians.pop("litert_2026.txt") == pytest.approx(205e-6)
    assert set(medians.values()) == {None}


def test_notes():
    assert parse_output(recorded("xnnpack_2025.txt")).notes == (
        "TfLiteXNNPackDelegate took over 5 of 6 operators, in 1 part(s)",
        "XNNPACK is on",
    )
    assert parse_output(recorded("delegate_profile_2023.txt")).notes == (
        "the delegate runs 2 part(s) of the model, the runtime's own kernels the rest",
    )
    assert parse_output(recorded("float_2023.txt"), status=139).notes == (
        "the program ended with status 139, after its times",
    )


def test_a_localised_output_is_read_right():
    text = recorded("float_2023.txt")
    localised = re.sub(r"(\d)\.(\d)", r"\1,\2", text)
    assert localised != text and parse_output(localised) == parse_output(text)


def test_errors_before_output_and_carriage_returns_make_no_difference():
    text = recorded("float_2023.txt")
    mixed = "WARNING: linker: libdvm.so: not found\r\n" + text.replace("\n", "\r\r\n")
    assert parse_output(mixed) == parse_output(text)


def test_statistics_of_others_before_do_not_matter():
    text = recorded("float_2023.txt")
    assert parse_output("count=1 curr=9\n" + text) == parse_output(text)


@pytest.mark.parametrize("name", COMPLETE)
def test_a_cut_output_is_never_half_read(name):
    text = recorded(name)
    whole, lines = parse_output(text), text.splitlines(keepends=True)
    end = next(i for i, line in enumerate(lines) if re.search(r"nference timings|\(avg\):", line))
    for count in range(len(lines)):
        try:
            got = parse_output("".join(lines[:count]))
        except ValueError as error:
            assert count <= end + 3 and re.search("Run it again|loaded the delegate", str(error))
        else:  # only memory comes later
            assert count > end and got in (whole, Output(**{**vars(whole), "peak_memory": None}))


def test_a_cut_output_says_which_line_is_missing():
    lines = recorded("float_2023.txt").splitlines()
    missing = {
        0: "before it printed its first line; it printed nothing",
        1: "'Loaded model'; its last was 'INFO: STARTING!'",
        9: "'Loaded model'; its last was 'INFO: #threads used",
        10: "'Initialized session in'",
        12: "'Running benchmark for'",
        13: "the statistics of a run",
        14: "'Inference timings in us'; its last was 'INFO: count=",
    }
    for count, words in missing.items():
        with pytest.raises(ValueError) as error:
            parse_output("\n".join(lines[:count]))
        assert words in str(error.value), count


@pytest.mark.parametrize("cut", range(0, 100, 3))
def test_a_summary_cut_within_its_line(cut):
    text = recorded("float_2023.txt")
    end = text.index("INFO: Inference timings")
    line = text[end : text.index("\n", end)]
    with pytest.raises(ValueError):
        parse_output(text[:end] + line[: min(cut, len(line) - 4)])


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("avg=115.244", "avg=11\ufffd.244", "without avg="),
        ("Inference (avg): 115.244", "Inference (avg): 1\ufffd5.244", "expected numbers in the"),
        ("Inference (avg): 115.244", "Inference (avg): 15.244", "expected the mean of the runs"),
        ("Initialized session in 0.563ms", "Initialized session in", "'Initialized session in X"),
        ("count=881", "coun=881", "'count=' of two runs"),
        ("first=", "first=9.", "LC_ALL=C"),
        ("count=881 first=59 curr=", "count=0 c=", "expected at least one run"),
    ],
)
def test_garbled(old, new, message):
    text = recorded("float_2023.txt")
    if "count=0" in new:
        text = re.sub(r"count=881.*", "count=0", text)
    else:
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_output(text)


FAILURES = {
    "unresolved_2023.txt": "lacks the operator LceQuantize of Larq Compute Engine (LCE); give "
    "LCE's lce_benchmark_model by --binary, or run the file with larq_bvit's delegate",
    "missing_2023.txt": "can't open the model missing.tflite; is it there",
    "no_model_2023.txt": "can't read the model; is it a .tflite, and whole?",
    "unknown_flag_2023.txt": "does not know --use_xnnpack=false and went on without",
    "no_delegate_2023.txt": "it ended while it loaded the delegate, most often by a crash: is it",
    "bad_option_2023.txt": "it ended while it loaded the delegate, most often by a crash: is it",
}


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("status", [0, 1, 139])
def test_failures(name, status):
    with pytest.raises(ValueError) as error:
        parse_output(recorded(name), status)
    assert FAILURES[name] in str(error.value)


def test_every_recording_is_tested():
    profiles = {"delegate_profile_2023.txt", "inside_2023.txt", "loop_2023.txt"}
    known = {*COMPLETE, *FAILURES, *profiles}
    others = {path.name for path in FOLDER.glob("*.txt")} - known
    assert all(name.startswith("help") for name in others)
