"""`larq-bvit summary`."""

import pytest

from larq_bvit import zoo
from tests.cli.conftest import SMALL

pytestmark = pytest.mark.usefixtures("few_nano")


def test_json(run_json, nano):
    counts = zoo.profile(nano)
    shown = run_json("summary", "binaryvit_nano", "--layers", *SMALL)
    assert shown["name"] == "binaryvit_nano" and shown["input_size"] == [32, 32]
    assert shown["parameters"] == nano.count_params() and shown["ops"] == counts.ops
    assert [layer["name"] for layer in shown["layers"]] == [layer.name for layer in counts.layers]
    assert sum(layer["packed_bytes"] for layer in shown["layers"]) == shown["packed_bytes"]


def test_a_packed_file(run_json, nano, tmp_path):
    file = zoo.save_weights(nano, tmp_path / "mine.safetensors")
    shown = run_json("summary", file)
    assert (shown["input_size"], shown["classes"]) == ([32, 32], 10)
    assert shown["parameters"] == nano.count_params()


def test_tables(run, nano):
    result = run("summary", "binaryvit_nano", "--layers", "--input-size", "32x64", "--classes", 7)
    assert result.exit_code == 0, result.stderr
    assert "binaryvit_nano at 32x64, 7 classes" in result.stdout
    assert f"{zoo.profile(nano).binary_parameters:,}" in result.stdout
    for layer in nano.layers[1:]:
        assert layer.name in result.stdout


def test_errors(fails):
    assert fails("summary", "deit_small", "--input-size", "big")[0].endswith("got 'big'")
    (line,) = fails("summary", "binaryvit_tiny", "--input-size", "100")
    assert line.endswith("must be multiples of 32; got 100x100")
    assert "positive integer; got 0" in fails("summary", "deit_small", "--classes", "0")[0]
