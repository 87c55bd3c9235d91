"""Points of diagrams, and which of them none beats."""

from dataclasses import replace

from larq_bvit.bench.report.pareto import (
    UNKNOWN_DATA,
    Point,
    datasets,
    front,
    has_unnamed_data,
    latency_points,
    size_points,
)
from larq_bvit.bench.results import Accuracy
from tests.bench.report import sample


def point(cost, top_1):
    return Point("file", "", "", cost, cost, cost, "", top_1)


def test_front():
    best = [point(1, 0.5), point(2, 0.6), point(5, 0.9)]
    beaten = [point(2, 0.55), point(3, 0.6), point(1.5, 0.5), point(9, 0.9)]
    assert front([*beaten, *reversed(best)]) == best
    assert front([]) == []


def test_data_sets_are_kept_apart_and_files_without_accuracy_left_out():
    results = sample.results()
    unnamed = replace(results.files[0], name="unnamed", accuracy=Accuracy(0.5))
    results = replace(results, files=(*results.files, unnamed))
    assert {data: [f.name for f in files] for data, files in datasets(results).items()} == {
        "CIFAR-10": ["binaryvit_nano"],
        "ImageNet": ["binaryvit_small", "deit_small:int8", "resnet_18:float32"],
        UNKNOWN_DATA: ["unnamed"],
    }
    assert [f.name for f in results.files if has_unnamed_data(f)] == ["unnamed"]


def test_points():
    results = sample.results()
    files = datasets(results)["ImageNet"]
    points = latency_points(results, files, "local")
    ran = [
        m for m in results.measurements if m.place == "local" and m.file in {f.name for f in files}
    ]
    assert len(ran) == 8
    assert [(p.file, p.runtime, p.cost, p.low, p.high) for p in points] == [
        (m.file, m.runtime, 1e3 * m.steady.median, 1e3 * m.steady.low, 1e3 * m.steady.high)
        for m in ran
    ]
    assert [(p.file, p.cost, p.top_1) for p in size_points(files)] == [
        (f.name, f.bytes / 1024, f.accuracy.top_1) for f in files
    ]


def test_costs_in_words_say_what_they_are():
    results = sample.results()
    files = datasets(results)["ImageNet"]
    words = {
        place: latency_points(results, files, place)[0].words
        for place in ("local", "adb:0A1B2C3D", "ssh:board.local")
    }
    assert words == {
        "local": "31.2 (31.0 to 31.7)",
        "adb:0A1B2C3D": "mean 59.3 (59.1 to 59.7)",
        "ssh:board.local": "107 (min 105, max 107)",
    }
    assert size_points(files)[0].words == "3,712"


def test_failed_measurements_have_no_point():
    results = sample.none_worked()
    assert latency_points(results, datasets(results)["ImageNet"], "local") == []
