"""`larq-bvit inspect`."""

import os
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageColor

from larq_bvit import runtime
from larq_bvit._palette import KINDS
from larq_bvit.cli.inspect import read_plan

L = tf.keras.layers


def tflite(path, blocks=1):
    """A stock .tflite with a few layers in float."""
    x = y = L.Input((4, 4, 3), 1)
    for i in range(blocks):
        y = L.Conv2D(3, 1, use_bias=False, name=f"block{i}/pointwise")(y)
        y = L.DepthwiseConv2D(3, padding="same", name=f"block{i}/depthwise")(y)
    model = tf.keras.Model(x, L.MaxPooling2D(2)(y), name="net")
    path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tflite(tmp_path_factory.mktemp("inspect") / "x.tflite")


def test_text_and_json_say_the_same(run, run_json, file):
    shown = run_json("inspect", file)
    assert shown["operators"] == {"CONV_2D": 1, "DEPTHWISE_CONV_2D": 1, "MAX_POOL_2D": 1}
    assert shown["float_macs"] == 16 * 9 + 16 * 27 and shown["binary_coverage"] == 0
    assert shown["size"] == file.stat().st_size
    text = run("inspect", file).stdout
    rows = [line.split() for line in text.splitlines()]
    (layer,) = (row for row in rows if row[1:2] == ["CONV_2D"])
    assert layer[0].startswith("block0/pointwise/")
    assert layer[2:] == ["1", "144", "25.00%", "full-precision", "weights"]
    for key in ("constants", "graph", "attached", "size", "peak_activations"):
        assert f"{shown[key]:,}" in text
    assert "0 of 2 products with constant weights (0.0%)" in text and "3 operators" in text


def test_many_layers_are_grouped_by_operator_and_reason(run, tmp_path):
    text = run("inspect", tflite(tmp_path / "x.tflite", blocks=7)).stdout
    rows = [line.split() for line in text.splitlines()]
    groups = [row for row in rows if row[-2:] == ["full-precision", "weights"]]
    assert [row[-6:-3] for row in groups] == [
        ["CONV_2D", "7", f"{7 * 144:,}"],
        ["DEPTHWISE_CONV_2D", "7", f"{7 * 432:,}"],
    ]
    assert "block0/depthwise" in text and "block6/depthwise" in text
    assert "block3/depthwise" not in text


def test_names_are_no_markup(run, tmp_path):
    """What looks like rich's markup is part of a name."""
    path = tmp_path / "x.tflite"
    tflite(path)
    path.write_bytes(path.read_bytes().replace(b"block0/depthwise", b"[bold]/:smile:x!"))
    assert "[bold]/:smile:x!" in run("inspect", path).stdout


def test_picture(run, file, tmp_path):
    pytest.importorskip("matplotlib")
    png = tmp_path / "x.png"
    result = run("inspect", file, "--plot", png)
    assert result.exit_code == 0 and result.stdout.endswith(f"wrote {png}\n")
    with Image.open(png) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)

    def area(kind):
        return (pixels == ImageColor.getrgb(KINDS[kind])).all(1).sum()

    # one bar each, of the same length; constants, the most of the bytes, have products' colour
    assert area("float product") > area("pooling and reduction") > 10_000
    assert area("binary product") < 2_000  # the legend's alone
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


def test_a_picture_is_refused_before_the_work(fails, monkeypatch, tmp_path):
    missing = tmp_path / "missing.tflite"
    assert "must end in .png" in fails("inspect", missing, "--plot", "x.jpg")[0]
    nowhere = tmp_path / "no" / "x.png"
    assert "no such folder" in fails("inspect", missing, "--plot", nowhere)[0]
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    lines = fails("inspect", missing, "--plot", tmp_path / "x.png")
    assert lines[0].endswith('install it with: pip install "larq_bvit[plot]"')


def test_other_files_are_refused(fails, file, tmp_path):
    assert "No such file" in fails("inspect", tmp_path / "missing.tflite")[0]
    (tmp_path / "x.tflite").write_bytes(b"hello, hello")
    assert "expected a .tflite" in fails("inspect", tmp_path / "x.tflite")[0]
    (tmp_path / "x.tflite").write_bytes(file.read_bytes()[:500])
    assert "damaged" in fails("inspect", tmp_path / "x.tflite", "--plot", tmp_path / "x.png")[0]
    assert not (tmp_path / "x.png").exists()


def test_the_plan_is_what_the_delegate_says(monkeypatch):
    plan = ["larq_bvit: claims 2 of 3 nodes", "larq_bvit:   chain 0, 4 rows: add"]
    chatter = (
        "2026-01-02 10:00:00.123456: I tensorflow/core/util/port.cc:153] oneDNN is on",
        "To enable the following instructions: AVX2, rebuild TensorFlow",
        "INFO: Created TensorFlow Lite XNNPACK delegate for CPU.",
    )

    def load(tflite, verbose):
        os.write(2, "\n".join([*chatter, *plan, chatter[-1], ""]).encode())

    monkeypatch.setattr(runtime, "Interpreter", load)
    assert read_plan(b"a file") == plan
