"""The benchmark of the start: one round of the weights that start first, and its page."""

import json

import pytest
import typer

from benchmarks import start as benchmark

NAME = "birealnet_18_tiny_imagenet"


def test_one_round(tmp_path):
    page = tmp_path / "start.md"
    benchmark.main(models=NAME, rounds=1, output=page)
    content = json.loads(page.with_suffix(".json").read_text())
    (by,) = content["results"].values()
    assert list(by) == ["call", "predict"]
    for parts in by.values():
        seconds = {part: timing["median"] for part, timing in parts.items()}
        assert seconds.pop("sum") == pytest.approx(sum(seconds.values()))
        assert list(seconds) == ["import", "build", "predict"] and min(seconds.values()) > 0
    assert f"\n| {NAME} | " in page.read_text()
    assert page.read_text() == benchmark.page(content)


def test_unknown_weights(tmp_path):
    with pytest.raises(typer.BadParameter, match="unknown weights: resnet"):
        benchmark.main(models=f"resnet,{NAME}", output=tmp_path / "start.md")


def test_a_process_that_fails_is_heard():
    with pytest.raises(RuntimeError, match="unknown model 'resnet'"):
        benchmark.measure({"a": {"model": "resnet", "weights": {}}}, 1, print)


def test_the_page_is_that_of_its_figures():
    content = json.loads(benchmark.PAGE.with_suffix(".json").read_text())
    assert benchmark.page(content) == benchmark.PAGE.read_text()
