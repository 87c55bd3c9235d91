"""Times of the delegate's steps."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from larq_bvit.runtime import Interpreter
from larq_bvit.runtime import profile as module
from larq_bvit.runtime.profile import Profile, ProfileRow, counter_reader, difference
from tests.delegate import needs_delegate, needs_lce


def counters(*nanoseconds):
    kinds = ["binary product", "attention", "binary product"]
    rows = zip(kinds, nanoseconds, strict=True)
    return [{"name": f"step {i}", "kind": k, "nanoseconds": n} for i, (k, n) in enumerate(rows)]


def test_difference_of_two_readings():
    before, after = counters(10, 20, 30), counters(1_000_010, 2_000_020, 4_000_030)
    profile = difference(before, after, [0.005, 0.003])  # seconds: 4 ms on average
    assert profile.runs == 2 and profile.milliseconds == pytest.approx(4)
    assert [row.milliseconds for row in profile.rows] == pytest.approx([0.5, 1, 2, 0.5])
    assert profile.rows[1] == ProfileRow("step 1", "attention", 1.0)
    assert profile.rows[3].kind == "not in the delegate"
    assert profile.by_kind() == pytest.approx(
        {"binary product": 2.5, "attention": 1, "not in the delegate": 0.5}
    )
    assert list(profile.by_kind())[0] == "binary product"
    assert json.loads(json.dumps(profile.as_dict()))["milliseconds"] == pytest.approx(4)


def test_text():
    rows = ProfileRow("conv1", "binary product", 1.5), ProfileRow("", "not in the delegate", 0.5)
    assert str(Profile(rows, 2.0, 3)).splitlines() == [
        "       ms   share  step",
        "    1.500   75.0%  binary product: conv1",
        "    0.500   25.0%  not in the delegate",
        "    2.000          all, mean of 3 runs",
    ]


def test_reads_as_snprintf_writes(monkeypatch):
    said = json.dumps(counters(1, 2, 3)).encode()

    def write(pointer, text, room):
        assert pointer == 42
        if text is not None:
            text.value = said[: room - 1]
        return len(said)

    monkeypatch.setattr(module, "function", lambda *_: write)
    delegate = SimpleNamespace(_get_native_delegate_pointer=lambda: 42)
    assert counter_reader()(delegate) == counters(1, 2, 3)


@needs_delegate
@needs_lce
def test_of_a_model(runtime, tflites, images):
    interpreter = Interpreter(tflites[2])
    profile = interpreter.profile(images[:3], repeats=5)
    assert profile.runs == 10 and len(profile.rows) > 1
    assert sum(row.milliseconds for row in profile.rows) == pytest.approx(profile.milliseconds)
    assert all(row.milliseconds >= 0 for row in profile.rows)
    with pytest.raises(ValueError, match="expected images, repeated; got 0, 20 times"):
        interpreter.profile(images[:0])
    with pytest.raises(ValueError, match="images must have shape"):
        interpreter.profile(np.zeros((1, 2), np.float32))
