"""`larq-bvit list`."""

import subprocess
import sys

import pytest

from larq_bvit import zoo
from larq_bvit.cli.catalog import CATALOG
from larq_bvit.cli.list import matching
from tests.presets import publish


@pytest.mark.parametrize(
    "pattern",
    ["*", "tiny", "reactnet*", "*_1?", "birealnet_[35]*", "nope", "BinaryViT_nano", "ReActNet*"],
)
def test_matching_is_the_zoos(pattern):
    assert matching(pattern, {}) == zoo.list_models(pattern)


def test_table(run):
    lines = run("list", "reactnet").stdout.splitlines()
    models = [line for line in lines[1:] if not line.startswith(" ")]
    assert [line.split()[0] for line in models] == zoo.list_models("reactnet")
    assert all("arXiv 2003.03488" in line for line in models)


@pytest.mark.parametrize("columns", [60, 80])
def test_nothing_is_cut_off_in_a_narrow_terminal(run, published, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    text = run("list").stdout
    assert "…" not in text and max(map(len, text.splitlines())) <= columns
    words = " ".join(text.split())
    for name, (description, _) in CATALOG.items():
        assert f" {name} {description.split()[0]}" in f" {words}"
    assert " binaryvit_nano_things (10.0%) " in words


def test_json(run_json):
    models = run_json("list")
    assert [model["name"] for model in models] == zoo.list_models()
    assert set(models[0]) == {"name", "description", "reference", "pretrained"}


def test_no_match(run, run_json):
    result = run("list", "nope")
    assert result.exit_code == 0 and result.stderr == "no model matches 'nope'\n"
    assert run_json("list", "nope") == []


def test_pretrained(run, run_json):
    assert [m["name"] for m in run_json("list", "--pretrained")] == zoo.list_models(pretrained=True)
    assert "no model with published weights" in run("list", "nope", "--pretrained").stderr


@pytest.fixture
def published(empty_package):
    """Two presets of nano, its default the later by name; one of tiny."""
    publish(empty_package, "binaryvit_nano_cifar10", top_1=0.6543)
    publish(empty_package, "binaryvit_nano_things", dataset="things", default=True, top_1=0.1)
    publish(empty_package, "binaryvit_tiny_cifar10", model="binaryvit_tiny", default=True)


def test_table_of_what_is_pretrained(run, published):
    lines = [line.rstrip() for line in run("list", "--pretrained").stdout.splitlines()]
    assert lines[0].endswith("pretrained weights")
    assert [line.split()[0] for line in lines if line.startswith("binary")] == [
        "binaryvit_nano",
        "binaryvit_tiny",
    ]
    own = [line.strip() for line in lines if line.endswith("%)")]
    assert own == [
        "binaryvit_nano_things (10.0%)",
        "binaryvit_nano_cifar10 (65.4%)",
        "binaryvit_tiny_cifar10 (75.0%)",
    ]
    (line,) = (x for x in run("list").stdout.splitlines() if x.startswith("reactnet_a"))
    assert line.rstrip().endswith("arXiv 2003.03488")


def test_names_of_weights_match(run, published):
    result = run("list", "nano_things")
    assert result.stdout.splitlines()[1].startswith("binaryvit_nano ")
    assert "binaryvit_tiny" not in result.stdout
    assert run("list", "Nano_Things").stdout == result.stdout


def test_json_of_what_is_pretrained(run_json, published):
    nano, tiny = run_json("list", "--pretrained")
    assert [preset["name"] for preset in nano["pretrained"]] == [
        "binaryvit_nano_things",
        "binaryvit_nano_cifar10",
    ]
    assert tiny["pretrained"] == [
        {
            "name": "binaryvit_tiny_cifar10",
            "dataset": "cifar10",
            "input_shape": [32, 32, 3],
            "num_classes": 10,
            "bytes": 7,
            "top_1": 0.75,
            "images": 10_000,
            "default": True,
        }
    ]
    assert run_json("list", "reactnet_a")[0]["pretrained"] == []


def test_is_light():
    code = (
        "import sys; from larq_bvit.cli.app import app\n"
        "for arguments in (['list'], ['list', '--pretrained', '--json']):\n"
        "    app(arguments, standalone_mode=False)\n"
        "print('tensorflow' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "False"
