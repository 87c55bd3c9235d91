"""Results go to JSON and come back."""

import json

import pytest

from larq_bvit.bench import Timing
from larq_bvit.bench.results import Accuracy, MeasuredFile, Measurement, OpTime, Place, Results

RESULTS = Results(
    command="larq-bvit benchmark a",
    date="2026-01-01T00:00:00+00:00",
    version="1",
    places=(Place("local", "a machine", {"cores": 2}),),
    files=(
        MeasuredFile(
            *("a", "a file", 1, "00", 2, 3, 4, 5, 6, (1, 2, 2, 3), "float32"),
            accuracy=Accuracy(0.5, 10, "cifar10"),
        ),
    ),
    measurements=(
        Measurement(
            *("local", "a", "lce", "LCE", 1),
            steady=Timing.of([1.0, 2.0, 3.0]),
            left={"ADD": 1},
            profile=(OpTime("x", "binary product", 1.0, "LceBconv2d"),),
            notes=("n",),
        ),
        Measurement("local", "a", "delegate", "LiteRT", 2, error="it failed"),
    ),
    warnings=("hot",),
    baselines=("a",),
)


def test_they_come_back_as_they_were():
    assert Results.from_json(RESULTS.to_json()) == RESULTS
    assert RESULTS.file("a").bytes == 1 and RESULTS.place("local").about == "a machine"
    assert str(RESULTS.measurements[1]) == "a, delegate, 2 threads, local"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "as JSON"),
        ("[]", "other JSON"),
        ('{"a": 1}', "other JSON"),
        ('{"larq_bvit_benchmark": 2}', "version 2, of a newer"),
        ('{"larq_bvit_benchmark": 1}', "expected whole results"),
    ],
)
def test_other_files_are_refused(text, match):
    with pytest.raises(ValueError, match=match):
        Results.from_json(text)


def test_results_that_lack_something():
    content = json.loads(RESULTS.to_json())
    del content["files"][0]["bytes"]
    with pytest.raises(ValueError, match="expected whole results.*bytes"):
        Results.from_json(json.dumps(content))
