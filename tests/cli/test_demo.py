"""`larq-bvit demo`."""

import json

import larq as lq
import numpy as np
import pytest

from larq_bvit.cli import demo
from tests.few_nano import few_nano

pytest.importorskip("larq_compute_engine")
pytestmark = pytest.mark.usefixtures("few_nano")


@few_nano(dims=(32, 64))  # wide enough for bits to save more than operators take
def test_demo(run, nano, monkeypatch, no_weights):
    result = run("demo", "--model", "binaryvit_nano", "--json")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["same_top_1"] and report["random_weights"]
    assert report["largest_difference"]["logits"] < 1e-3 * report["largest_logit"]
    convolutions = [x for x in nano.layers if isinstance(x, lq.layers.QuantConv2D)]
    assert report["bytes"] < report["float_bytes"]
    assert report["binary_layers"] == len(convolutions) > 0
    assert len(report["keras"]) == len(report["tflite"]) == 5 == len(report["seconds"])

    monkeypatch.setattr(demo, "_run", lambda *arguments: report)
    shown = run("demo").stdout
    assert "Chelsea" in shown and "CC0" in shown and report["keras"][0]["name"] in shown
    assert "random (seed 0) and these classes mean nothing yet" in shown
    assert "no benchmark" in shown and "convert.to_tflite(model)" in shown


def test_trained_weights(run, pretrained):
    """What `make demo` does."""
    result = run("demo")
    assert result.exit_code == 0, result.stderr
    assert "by binaryvit_nano with binaryvit_nano_animals" in result.stdout
    assert sum(result.stdout.count(name) for name in pretrained) == 2 * 5
    assert "mean nothing" not in result.stdout and "same best class    yes" in result.stdout


def test_compare():
    keras = np.zeros((1, 1000), np.float32)
    keras[0, 281], keras[0, 285] = 2, 1
    lce = keras[:, ::-1].copy()
    report = demo.compare(keras, lce)
    assert not report["same_top_1"] and report["largest_difference"]["logits"] == 2
    first = report["keras"][0]
    assert (first["name"], first["logit"]) == ("tabby", 2)
    assert first["probability"] == pytest.approx(np.exp(2) / (998 + np.exp(1) + np.exp(2)))
