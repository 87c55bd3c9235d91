"""`larq-bvit list`."""

import pytest

from larq_bvit import zoo
from larq_bvit.cli.list import matching


@pytest.mark.parametrize("pattern", ["*", "tiny", "reactnet*", "*_1?", "birealnet_[35]*", "nope"])
def test_matching_is_the_zoos(pattern):
    assert matching(pattern) == zoo.list_models(pattern)


def test_table(run):
    lines = run("list", "reactnet").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == zoo.list_models("reactnet")
    assert all("arXiv 2003.03488" in line for line in lines[1:])


def test_json(run_json):
    models = run_json("list")
    assert [model["name"] for model in models] == zoo.list_models()
    assert set(models[0]) == {"name", "description", "reference"}


def test_no_match(run, run_json):
    result = run("list", "nope")
    assert result.exit_code == 0 and result.stderr == "no model matches 'nope'\n"
    assert run_json("list", "nope") == []


def test_pretrained(run, run_json):
    assert [m["name"] for m in run_json("list", "--pretrained")] == zoo.list_models(pretrained=True)
    assert "no model with published weights" in run("list", "nope", "--pretrained").stderr
