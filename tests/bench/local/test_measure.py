"""Files in all runtimes of this machine."""

import pytest

from larq_bvit.bench import machine
from larq_bvit.bench.entry import DELEGATE, LCE, XNNPACK, Entry
from larq_bvit.bench.local import measure as measure_module
from larq_bvit.bench.local.measure import Files, measure
from larq_bvit.bench.local.worker import Worker
from tests.bench.small_model import small_images
from tests.delegate import needs_delegate


def files_of(binary_file, float_file):
    paths = {"binary": binary_file, "float": float_file}
    return Files(paths, dict.fromkeys(paths, small_images()[:1]), dict.fromkeys(paths, 0))


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
    said = []
    options = {"computer": machine(), "rounds": 3, "say": said.append}
    place, measured, warnings = measure(files_of(binary_file, float_file), entries, **options)
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
    assert twin.cosine == pytest.approx(1, abs=1e-6)  # LCE has run that file beside the entries


@needs_delegate
@pytest.mark.parametrize(
    ("runtimes", "asked"),
    [((XNNPACK,), [LCE]), ((XNNPACK, DELEGATE), [LCE, XNNPACK]), ((LCE, XNNPACK), None)],
)
def test_nothing_is_compared_with_itself_alone(
    binary_file, float_file, monkeypatch, runtimes, asked
):
    def reference(path, batch, runtimes):
        called.append(runtimes)

    called = []
    monkeypatch.setattr(measure_module, "reference", reference)
    entries = [Entry("float", runtime) for runtime in runtimes]
    options = {"computer": machine(), "rounds": 1, "say": lambda text: None}
    _, measured, _ = measure(files_of(binary_file, float_file), entries, **options)
    assert called == ([] if asked is None else [asked])
    assert [m.cosine is None for m in measured] == [asked is not None] * len(entries)


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


def test_what_ends_in_the_rounds_does_not_end_the_others(binary_file, float_file, monkeypatch):
    turns = []

    def turn(self):
        turns.append(self._name)
        if self._name.startswith("float") and len(turns) > 4:
            raise RuntimeError("float, xnnpack has ended: -9")
        return 1.0

    monkeypatch.setattr(Worker, "turn", turn)
    entries = [Entry("binary", LCE), Entry("float", XNNPACK)]
    options = {"computer": machine(), "rounds": 6, "say": lambda text: None}
    _, (lce, twin), _ = measure(files_of(binary_file, float_file), entries, **options)
    assert len(lce.steady.samples) == 6 and lce.error is None
    assert twin.steady is None and twin.error == "float, xnnpack has ended: -9"
