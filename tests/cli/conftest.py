"""Runs commands in this process, and shares one small model."""

import json
import shutil
from pathlib import Path

import pytest
import tensorflow as tf
from typer.testing import CliRunner

from larq_bvit import zoo
from larq_bvit.cli import app
from tests.presets import publish


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch):
    """Nothing says how wide a terminal is."""
    monkeypatch.delenv("COLUMNS", raising=False)


ROOT = Path(__file__).parents[2]
SMALL = ["--input-size", "32", "--classes", "10"]


@pytest.fixture
def run():
    """run("list", "tiny") -> the result, with `stdout`, `stderr` and `exit_code`."""
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def run_json(run):
    """run_json("list") -> what the command prints with --json."""

    def invoke(*arguments):
        result = run(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return invoke


@pytest.fixture
def fails(run):
    """fails("summary", "nonsense") -> the lines of the error."""

    def invoke(*arguments):
        result = run(*arguments)
        assert result.exit_code == 2 and isinstance(result.exception, SystemExit)
        before, error, message = result.stderr.partition("error: ")
        assert result.stdout == "" and error
        assert before == "" or before.endswith("\n")  # what was logged until then
        return message.splitlines()

    return invoke


@pytest.fixture(scope="module")
def nano():
    """binaryvit_nano at 32x32 with 10 classes; with few layers in a module of `few_nano`."""
    tf.keras.utils.set_random_seed(0)
    return zoo.create("binaryvit_nano", input_shape=(32, 32, 3), num_classes=10)


@pytest.fixture(scope="module")
def nano_weights(nano, tmp_path_factory):
    """A weight file of `nano`."""
    return zoo.save_weights(nano, tmp_path_factory.mktemp("weights") / "nano.h5")


@pytest.fixture
def pretrained(empty_package, nano, tmp_path):
    """The names of the classes of published weights of `nano`, the default of all."""
    names = tuple(f"animal {i}" for i in range(10))
    metadata = zoo.WeightsMetadata(class_names=names)
    file = zoo.save_weights(nano, tmp_path / "nano.safetensors", metadata=metadata)
    shutil.copytree(ROOT / "convert", empty_package / "_artifacts" / "convert")
    flags = {"default": True, "architecture_default": True}
    publish(empty_package, "binaryvit_nano_animals", file.read_bytes(), dataset="animals", **flags)
    return names
