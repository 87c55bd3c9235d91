"""The benchmark of the native delegate: a quick run, and what its parts must tell apart."""

import json
import stat

import numpy as np
import pytest
import typer

from benchmarks import native as benchmark
from benchmarks.conversion import naive
from benchmarks.native_speed import document, files, kernels, measures, names, shares, turns
from benchmarks.native_speed.files import File
from benchmarks.native_speed.runtimes import LCE, TFLITE
from larq_bvit import convert
from larq_bvit.bench.subjects.precision import float_tflite
from tests.bench.small_model import small
from tests.delegate import needs_delegate


def small_files(images, count, quick) -> dict[str, File]:
    assert quick
    return {
        names.FROZEN: File("frozen", lambda: convert.to_tflite(small(), verify=False)),
        names.NAIVE: File("alone", lambda: naive.convert_alone(small())),
        names.TWIN: File("float", lambda: float_tflite(small(binary=False))),
    }


@pytest.fixture(scope="module")
def quick(tmp_path_factory) -> dict:
    """A quick run of two sections on small files, and the page that it wrote."""
    folder = tmp_path_factory.mktemp("quick")
    page = folder / "native.md"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measures, "files", small_files)
        benchmark.main("speed,start", quick=True, output=page, cache=folder / "cache")
    return {"page": page, "json": json.loads(page.with_suffix(".json").read_text())}


@needs_delegate
def test_the_quick_run_measures_all_runtimes(quick):
    result = quick["json"]["speed"]["result"]
    for entry in result["entries"]:
        timing = entry["timing"]
        assert 0 < timing["low"] <= timing["median"] <= timing["high"]
        assert len(timing["samples"]) == 3
        # of a single binary layer, no sign lies on an edge
        agreement = entry["agreement"]
        assert agreement is None or agreement["same"] == agreement["images"] == 12
    modes = [(e["file"], e["runtime"]) for e in result["entries"]]
    assert modes.count((names.FROZEN, LCE)) == modes.count((names.NAIVE, LCE)) == 3
    assert modes.count((names.TWIN, TFLITE)) == 1
    assert len(modes) == 7 + 2 * len(result["isas"])  # fused and exact
    assert result["isas"][-1] == "portable"


@needs_delegate
def test_the_first_entry_of_a_start_is_ours(quick):
    ours, *others = quick["json"]["start"]["result"]
    isas = quick["json"]["speed"]["result"]["isas"]
    assert (ours["file"], ours["options"]) == (names.FROZEN, {"isa": isas[0]})
    assert ours["activation_bytes"] > 0
    assert all(entry["activation_bytes"] is None for entry in others)
    for entry in (ours, *others):
        both = zip(entry["open"]["samples"], entry["first"]["samples"], strict=True)
        assert list(entry["both"]["samples"]) == pytest.approx([sum(pair) for pair in both])


@needs_delegate
def test_the_page_is_made_of_the_json(quick):
    text = quick["page"].read_text()
    assert text == document.page(quick["json"])
    assert "## Speed" in text and "## Bare" not in text
    assert quick["page"].with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert "`python -m benchmarks.native --sections speed --rounds 3 --quick`" in text


@needs_delegate
def test_sections_are_updated_one_by_one(quick, tmp_path):
    path = tmp_path / "deeper" / "native.md"
    speed, start = quick["json"]["speed"], quick["json"]["start"]
    document.write(path, {"speed": {**speed, "about": ["old"]}, "start": start})
    document.write(path, {"speed": speed})
    assert path.read_text() == quick["page"].read_text()


def test_the_page_in_the_repository_is_made_of_its_json():
    beside = benchmark.PAGE.with_suffix(".json")
    assert benchmark.PAGE.read_text() == document.page(json.loads(beside.read_text()))
    assert benchmark.PAGE.with_suffix(".png").is_file()


def test_unknown_sections():
    with pytest.raises(typer.BadParameter, match="speed, start, shares, kernels; got sped"):
        benchmark.main("sped,start")


def test_every_file_depends_on_its_own_images():
    named = files.files(None, 8)
    calibrated = {name for name, file in named.items() if file.images}
    assert calibrated == {names.DEIT_INT8, names.RESNET_INT8}
    assert set(files.files(None, 8, quick=True)) == {names.FROZEN, names.NAIVE, names.TWIN}
    assert all(path.exists() for path in files._CODE)


def test_agreement_counts_images():
    logits = np.eye(3)
    found = turns.agreement(logits[[0, 1, 0]], logits)
    assert found == {"images": 3, "same": 2, "cosine": pytest.approx(1)}
    assert turns.agreement(logits * (1 + 1e-5), logits)["same"] == 3
    assert turns.agreement(logits + 0.02, logits)["same"] == 0
    assert turns.agreement(logits, None) is None


def test_bare_products_are_read(tmp_path, monkeypatch):
    program = tmp_path / "bench_kernels"
    line = {"isa": "avx2", "m": 49, "n": 64, "k": 256, "gmac_per_s": 250.0, "share": 0.5}
    program.write_text(f"#!/bin/sh\necho '{json.dumps(line)}' | sed s/avx2/$1/\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(kernels, "_build", lambda folder: program)
    result = kernels.measure(tmp_path, ["avx512", "avx2"], 10)
    assert [shape["isa"] for shape in result["shapes"]] == ["avx512", "avx2"]
    assert kernels.table(result).rows[1] == ("avx2", "256", "64", "250 (50%)")
    program.write_text("#!/bin/sh\necho broken >&2; exit 2\n")
    with pytest.raises(RuntimeError, match="broken"):
        kernels.measure(tmp_path, ["avx2"], 10)


def test_shares_say_how_near_to_the_limit():
    result = {"file": "m", "isa": "avx512", "binary_macs": 4e9, "milliseconds": 8.0}
    result["kinds"] = {shares.PRODUCTS: 4.0, "attention": 1.0}
    row = shares.table([result], {"avx512": 1250.0}).rows[0]
    assert row == ("m", "avx512", "8.00", "4.00 (50%)", "1.00 (12%)", "1,000 (80% of 1,250)")
    assert shares.table([result], {}).rows[0][-1] == "1,000"
