"""`larq-bvit convert`."""

import numpy as np
import pytest

from tests.cli.conftest import SMALL

convert = pytest.importorskip("larq_bvit.convert")
pytest.importorskip("larq_compute_engine")


def test_file_equals_the_model(run_json, nano, nano_weights, tmp_path):
    output = tmp_path / "nano.tflite"
    shown = run_json("convert", "binaryvit_nano", "-o", output, "--weights", nano_weights, *SMALL)
    assert shown["bytes"] == output.stat().st_size and not shown["random_weights"]
    assert shown["float_bytes"] == 4 * nano.count_params()
    assert shown["binary_layers"] == sum("QuantConv2D" in str(type(x)) for x in nano.layers)
    images = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype("float32")
    got = convert.Interpreter(output.read_bytes()).predict(images)
    np.testing.assert_allclose(got, nano(images, training=False).numpy(), atol=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["nano.tflite"]
    assert shown["verification"]["holds"] and shown["verification"]["images"] == 1
    assert shown["census"]["size"] == shown["bytes"]
    assert shown["census"] == run_json("census", output)


def test_a_tflite_that_differs_is_not_written(fails, monkeypatch, nano, tmp_path):
    """The .tflite of another model of the same shape."""
    right = convert.to_tflite
    monkeypatch.setattr(convert, "to_tflite", lambda model: right(nano))
    lines = fails("convert", "binaryvit_nano", "-o", tmp_path / "x.tflite", *SMALL, "--seed", 9)
    assert lines[0] == "the .tflite differs from the model, nothing is written:"
    assert not list(tmp_path.iterdir())


def test_text_and_failure(run, fails, monkeypatch, tmp_path):
    output = tmp_path / "x.tflite"
    monkeypatch.setattr(convert, "to_tflite", lambda model: b"1234")
    monkeypatch.setattr(convert, "count_ops", lambda tflite: {"LceBconv2d": 5})
    monkeypatch.setattr(convert, "census", lambda tflite: convert.Census({}, (), 0, 0, 4, 0))
    result = run("convert", "binaryvit_nano", "-o", output, *SMALL, "--no-verify")
    assert result.exit_code == 0, result.stderr
    assert f"wrote {output}: 0.00 MB" in result.stdout and "5 binary layers" in result.stdout
    assert "random (seed 0) and the model knows nothing" in result.stdout

    def refuse(model):
        raise convert.ConversionError("4 of 5 binary layers")

    monkeypatch.setattr(convert, "to_tflite", refuse)
    assert fails("convert", "binaryvit_nano", "-o", output, *SMALL) == ["4 of 5 binary layers"]
    assert output.read_bytes() == b"1234"


def test_bad_output(fails, tmp_path):
    assert "must end in .tflite" in fails("convert", "binaryvit_nano", "-o", "x.h5")[0]
    nowhere = tmp_path / "no" / "x.tflite"
    assert "no such folder" in fails("convert", "binaryvit_nano", "-o", nowhere)[0]
