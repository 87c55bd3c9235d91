"""The table of trained models."""

from larq_bvit.cards.model_table import model_table
from tests.cards.folders import FACTS, write_card


def test_best_of_a_data_set_first(tmp_path):
    better = {"top_1": {"count": 60}}
    folders = [
        write_card(tmp_path / "a", {"dataset": "z"}),
        write_card(tmp_path / "b"),
        write_card(tmp_path / "c", evaluation=better),
    ]
    lines = model_table(folders).splitlines()
    *lines, empty, latency = lines
    assert [line.split("`")[1] for line in lines[2:]] == ["c", "b", "a"]
    assert lines[2] == (
        "| [`c`](zoo/c/README.md) | 32x64 "
        "| 75.00% (64.5 to 83.2) | 2.10 | 12.3 | 1.75 | 2.5 | 0.12 |"
    )
    assert {line.count("|") for line in lines} == {9}
    processor = FACTS["tflite"]["machine"].split(";")[0]
    assert not empty and f"one thread, {processor}; LCE" in latency


def test_without_the_delegate(tmp_path):
    timings = {"Larq Compute Engine": [5.04, 5.0, 5.5]}
    tflite = {**FACTS["tflite"], "milliseconds": timings}
    table = model_table([write_card(tmp_path / "a", {"tflite": tflite})])
    assert table.splitlines()[2].endswith("| 1.75 | 5.0 | |")
