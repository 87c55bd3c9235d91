"""Files in all runtimes of this machine."""

import pytest

from larq_bvit.bench import machine
from larq_bvit.bench.entry import DELEGATE, LCE, XNNPACK, Entry
from larq_bvit.bench.local.measure import measure
from tests.bench.small_model import small_images
from tests.delegate import needs_delegate


@pytest.fixture(scope="module")
def found(binary_file, float_file):
    """All runtimes, and a file that one of them can't run."""
    entries = [
        Entry("binary", LCE, "indirect"),
        Entry("binary", DELEGATE),
        Entry("binary", DELEGATE, "portable"),
        Entry("binary", XNNPACK),
        Entry("float", XNNPACK, threads=2),
    ]
    files = {"binary": binary_file, "float": float_file}
    inputs = dict.fromkeys(files, small_images()[:1])
    said = []
    options = {"computer": machine(), "rounds": 3, "say": said.append}
    place, measured, warnings = measure(files, entries, inputs, **options)
    return {"place": place, "measured": measured, "warnings": warnings, "said": said}


@needs_delegate
def test_what_runs_has_times(found):
    lce, ours, portable, _, twin = found["measured"]
    for each in (lce, ours, portable, twin):
        assert each.error is None and each.init > 0 and each.first > 0
        assert len(each.steady.samples) == 3 and each.peak_memory > 0
        assert each.place == found["place"].name == "local"
    assert lce.runtime == "lce:indirect" and twin.threads == 2
    assert portable.instructions == "portable C++" != ours.instructions
    assert ours.left == {} and ours.activation_bytes > 0


@needs_delegate
def test_outputs_are_compared_with_lce(found):
    lce, ours, portable, _, twin = found["measured"]
    assert lce.cosine == pytest.approx(1, abs=1e-12)
    assert ours.cosine == pytest.approx(1, abs=1e-6) == portable.cosine
    assert twin.cosine is None  # LCE has not run that file


@needs_delegate
def test_what_fails_has_a_reason(found):
    failed = found["measured"][3]
    assert failed.steady is None and failed.profile == ()
    assert "no operator LceQuantize" in failed.error


@needs_delegate
def test_profiles_of_the_delegate(found):
    lce, ours, *_ = found["measured"]
    assert lce.profile == ()
    assert "binary product" in {row.kind for row in ours.profile}
    assert sum(row.milliseconds for row in ours.profile) > 0
