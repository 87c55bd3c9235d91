"""The benchmark of the native delegate: a quick run, and what its parts must tell apart."""

import json
import os
import stat

import numpy as np
import pytest
import tensorflow as tf
import typer

from benchmarks import native as benchmark
from benchmarks.conversion import naive
from benchmarks.native_speed import document, files, kernels, measures, names, shares, turns
from benchmarks.native_speed.claims import check_products, claims
from benchmarks.native_speed.files import File, keep
from benchmarks.native_speed.resnet import resnet_18
from benchmarks.native_speed.runtimes import LCE, TFLITE, Entry, Opened
from benchmarks.native_speed.twins import (
    check_integer,
    dynamic_tflite,
    float_tflite,
    integer_tflite,
)
from benchmarks.native_speed.worker import Worker
from larq_bvit import convert, layers
from tests.delegate import needs_delegate

L = tf.keras.layers


def small(binary: bool = True) -> tf.keras.Model:
    """A binary convolution, or a float one and what XNNPACK has no 8-bit form of."""
    tf.keras.utils.set_random_seed(0)
    x = tf.keras.Input((32, 32, 3))
    y = L.Conv2D(32, 4, strides=4)(x)
    y = layers.binary_conv(32, 3)(y) if binary else L.Softmax()(L.Conv2D(32, 3)(y))
    return tf.keras.Model(x, L.Dense(10)(L.GlobalAveragePooling2D()(y)))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(4, 32, 32, 3)).astype(np.float32)


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


def test_a_file_is_made_once(tmp_path, monkeypatch):
    made = []

    def file(about, images="") -> dict[str, File]:
        return {"a b": File(about, lambda: made.append(about) or about.encode(), images)}

    first = keep(file("one"), tmp_path, print)["a b"]
    assert keep(file("one"), tmp_path, print)["a b"] == first and made == ["one"]
    other = keep(file("one", "other images"), tmp_path, print)["a b"]
    assert other != first and other.read_bytes() == b"one"
    code = tmp_path / "code.py"
    code.write_text("1")
    monkeypatch.setattr(files, "_CODE", (code,))
    changed = [keep(file("one"), tmp_path, print)["a b"]]
    code.write_text("2")
    changed.append(keep(file("one"), tmp_path, print)["a b"])
    assert len(made) == 4 and changed[0] != changed[1]
    assert list(tmp_path.glob("*.tflite")) == changed[1:]  # what other code made is gone


def test_every_file_depends_on_its_own_images():
    named = files.files(None, 8)
    calibrated = {name for name, file in named.items() if file.images}
    assert calibrated == {names.DEIT_INT8, names.RESNET_INT8}
    assert set(files.files(None, 8, quick=True)) == {names.FROZEN, names.NAIVE, names.TWIN}
    assert all(path.exists() for path in files._CODE)


def run(tflite: bytes, image: np.ndarray, tmp_path) -> tuple[np.ndarray, dict]:
    path = tmp_path / "model.tflite"
    path.write_bytes(tflite)
    opened = Opened(Entry("model", TFLITE), path)
    return opened.logits(opened.run(opened.stored(image))), claims(opened.interpreter)


def test_twins_compute_what_keras_does(images, tmp_path):
    model = small(binary=False)
    expected = model(images[:1], training=False).numpy()
    steps = {float_tflite: 1e-6, dynamic_tflite: 0.02, lambda m: integer_tflite(m, images): 0.05}
    for convert_it, tolerance in steps.items():
        got, claimed = run(convert_it(model), images[:1], tmp_path)
        assert np.abs(got - expected).max() <= tolerance * np.abs(expected).max()
        assert claimed["taken"] + sum(claimed["left"].values()) == claimed["all"]


def test_eight_bits_leave_nothing_in_float(images):
    check_integer(integer_tflite(small(binary=False), images))
    with pytest.raises(ValueError, match="expected integers only; got .*FLOAT32"):
        check_integer(dynamic_tflite(small(binary=False)))


def test_what_xnnpack_leaves_is_told(images, tmp_path):
    """It has no 8-bit softmax, and takes all products."""
    _, claimed = run(integer_tflite(small(binary=False), images), images[:1], tmp_path)
    assert claimed["left"] == {"SOFTMAX": 1} and claimed["parts"] == 2
    check_products(claimed)
    with pytest.raises(RuntimeError, match="left {'CONV_2D': 2}"):
        check_products({"left": {"CONV_2D": 2, "SOFTMAX": 1}})


def test_resnet_18_has_the_published_size():
    model = resnet_18()
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert trained == 11_689_512  # as torchvision states
    assert model.output_shape == (None, 1000)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    path = tmp_path_factory.mktemp("frozen") / "small.tflite"
    path.write_bytes(convert.to_tflite(small(), verify=False))
    return path


def test_a_worker_runs_what_it_is_given(frozen, images):
    with Worker(Entry("small", LCE), frozen, images) as worker:
        assert 0 < worker.turn() < 1 and 0 < worker.turn() < 1
    expected = convert.Interpreter(frozen.read_bytes()).predict(images)
    np.testing.assert_array_equal(worker.logits, expected)
    assert worker.about["open"] > 0 and worker.about["first"] > 0
    assert worker.about["claims"] is None and worker.about["activation_bytes"] is None


def test_a_worker_that_fails_is_heard(tmp_path, images):
    missing = tmp_path / "missing.tflite"
    with pytest.raises(RuntimeError, match=r"small: LCE:(.|\n)*FileNotFoundError"):
        Worker(Entry("small", LCE), missing, images)


def test_a_worker_that_dies_is_heard(frozen, images):
    with Worker(Entry("small", LCE), frozen, images) as worker:
        os.kill(worker._process.pid, 9)
        with pytest.raises(RuntimeError, match="small: LCE has ended: -9"):
            worker.turn()


def test_turns_are_shuffled_and_complete():
    order = []

    def work(name):
        return lambda: order.append(name) or float(name)

    samples = turns.in_turn([work(name) for name in range(4)], rounds=6)
    assert samples == [[float(name)] * 6 for name in range(4)]
    rounds = [tuple(order[i : i + 4]) for i in range(0, 24, 4)]
    assert all(sorted(r) == [0, 1, 2, 3] for r in rounds) and len(set(rounds)) > 1


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
