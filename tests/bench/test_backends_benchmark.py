"""The benchmark of TensorFlow beside JAX: what it starts, and what it makes of the times."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from PIL import Image

from benchmarks.training import backends, document
from larq_bvit.bench import Timing

CASE = backends.CASES[0]


@pytest.fixture
def images(tmp_path):
    for kind in "ab":
        for place in range(30):
            folder, number = divmod(place, 15)  # names repeat
            path = tmp_path / "photos" / kind / f"images{folder}" / f"{number:02}.JPEG"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8)).save(path)
    return tmp_path / "photos"


def test_a_job_gets_few_images_of_every_class(images, tmp_path):
    assert backends.few(images, tmp_path / "few") == f"folder:{tmp_path / 'few'}"
    for kind in "ab":
        links = sorted((tmp_path / "few" / kind).iterdir())
        assert [link.name for link in links] == [f"{place:02}.JPEG" for place in range(25)]
        assert len({link.resolve() for link in links if link.is_file()}) == 25


@pytest.fixture
def result(images, monkeypatch):
    """Of children that only tell what they are; five steps take TensorFlow 10 s, the others 5."""
    started = []

    def child(python, module, **options):
        started.append((python, module, options))
        about = {"jax": "0.10.2"} if module.endswith("jax_job") else {"tensorflow": "2.19.1"}
        return nullcontext(SimpleNamespace(about=about))

    def in_turn(children, rounds):
        return {
            side: Timing.of([10.0 if side == backends.FIT else 5.0] * rounds) for side in children
        }

    monkeypatch.setattr(backends, "Child", child)
    monkeypatch.setattr(backends, "in_turn", in_turn)
    monkeypatch.setattr(backends, "_export", lambda case, precision, data, out: out)
    measured = backends.measure(CASE, images, "/opt/jax/python", rounds=6)
    jobs = [module for python, module, _ in started if python == "/opt/jax/python"]
    assert jobs == ["benchmarks.training.jax_job"] * 2 and len(started) == 5
    assert all(options["steps"] == backends.TOGETHER for *_, options in started)
    return measured


def test_times_are_of_one_step(result):
    assert {side["timing"]["median"] for side in result["sides"].values()} == {2.0, 1.0}


def test_the_page_compares_with_tensorflow(result):
    page = document.page({"jax": {"about": ["a machine"], "results": {CASE.recipe: result}}})
    assert "## TensorFlow or JAX\n\n- a machine\n" in page and "with JAX 0.10.2, in" in page
    assert "| TensorFlow | 64 | |\n" in page
    assert "| JAX, float32 | 128 | 2.00x (2.00 to 2.00) |" in page
