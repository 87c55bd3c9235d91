"""The benchmark of training: its processes, its page, and our side's step."""

import json
import sys

import pytest
import tensorflow as tf
from PIL import Image

from benchmarks import train as benchmark
from benchmarks.training import document, feeding, ours, steps
from benchmarks.training.child import Child
from larq_bvit.train.build import build_model
from larq_bvit.train.recipes import load_recipe, recipe_text
from tests.train.few_layers import FEW_LAYERS

PATIENT = "tests.bench.patient_child"


def test_children_take_turns_and_time_themselves():
    quick, slow = ({"name": name, "seconds": s} for name, s in (("quick", 0), ("slow", 0.05)))
    with (
        Child(sys.executable, PATIENT, **quick) as one,
        Child(sys.executable, PATIENT, **slow) as two,
    ):
        assert (one.about, two.about) == ({"name": "quick"}, {"name": "slow"})
        timings = steps.in_turn({"quick": one, "slow": two}, rounds=3)
    assert len(timings["quick"].samples) == len(timings["slow"].samples) == 3
    # what comes before a step (0.2 s) is not timed
    assert timings["quick"].median < 0.05 <= timings["slow"].median < 0.2


def test_a_child_that_fails_is_heard():
    with pytest.raises(RuntimeError, match="no such workload"):
        Child(sys.executable, PATIENT, fails_at_start=True)
    with Child(sys.executable, PATIENT, name="frail", seconds=0, fails_at=2) as child:
        child.step()
        with pytest.raises(RuntimeError, match="chatter(.|\n)*step went wrong"):
            child.step()


def test_our_step_trains_what_the_recipe_says(monkeypatch, tmp_path):
    fields = FEW_LAYERS["binaryvit_nano"].items()
    changes = [f"model.variant.{field}={list(values)}" for field, values in fields]
    recipe = load_recipe("binaryvit_nano_cifar10", changes)
    path = tmp_path / "recipe.toml"
    path.write_text(recipe_text(recipe))
    served = {}

    def serve(about, step):
        step()
        served.update(about)

    monkeypatch.setattr(ours, "serve", serve)
    ours.main(str(path), batch=2, classes=10, precision="mixed_bfloat16")
    assert served["first"] > 0 and served["tensorflow"] == tf.__version__
    assert served["parameters"] == build_model(recipe, 10).count_params()
    assert tf.keras.mixed_precision.global_policy().name == "float32"


def test_mosaics_become_a_data_set(tmp_path, monkeypatch):
    monkeypatch.setattr(feeding, "_MOSAICS", 3)
    (tmp_path / "in" / "a").mkdir(parents=True)
    for place in range(3):
        Image.new("RGB", (50, 64), (80 * place, 0, 0)).save(tmp_path / "in/a" / f"{place}.JPEG")
    assert feeding.mosaics(tmp_path / "in", tmp_path / "out") == f"folder:{tmp_path / 'out'}"
    files = sorted((tmp_path / "out").rglob("*.jpg"))
    assert [file.parent.name for file in files] == ["class0", "class0", "class1"]
    with Image.open(files[0]) as image:
        assert image.size == (512, 384)
        tiles = {
            image.getpixel((x + 32, y + 32))[0] // 80 for x in range(0, 512, 64) for y in (0, 64)
        }
    assert len(tiles) > 1


def _content(ours_seconds: float) -> dict:
    def side(seconds, first):
        timing = {"median": seconds, "low": seconds, "high": seconds, "samples": [seconds] * 3}
        return {"about": {"first": first, "torch": "2.6.0"}, "timing": timing}

    names = list(steps.OURS)
    pairs = {
        names[0]: {names[0]: side(2.0, 50), steps.PUBLISHED: side(4.0, 5)},
        names[1]: {names[1]: side(ours_seconds, 70), steps.PUBLISHED: side(4.0, 5)},
    }
    case = {"recipe": "binaryvit_small_tiny_imagenet", "size": 64, "batch": 64, "classes": 200}
    timing = side(1.0, 0)["timing"]
    fed = {"shape": [64, 64, 64, 3], "batches": 10, "images": 100, "timing": timing}
    return {
        "steps": {"about": ["a machine"], "results": {"64": {"case": case, "pairs": pairs}}},
        "pipeline": {"about": ["another one"], "results": {"64": fed}},
    }


def test_the_page_tells_what_is_met():
    text = document.page(_content(ours_seconds=1.0))
    assert "| 64 pixels: as fast as published | at least 2.5x (aim 5x) | 4.00x | yes |" in text
    assert "| 64 pixels: first step | within 60 s | 70 s | **no** |" in text
    assert "| 64 pixels: input pipeline | at least 3x the train step | 10x | yes |" in text
    assert "| larq_bvit, float32 | 2.00 | 32.0 | 2.00x (2.00 to 2.00) | 50 |" in text
    assert "| 64 | 640 |" in text and "- a machine\n" in text and "- another one\n" in text
    assert "2.00x | **no** |" in document.page(_content(ours_seconds=2.0))
    del (half := _content(ours_seconds=1.0))["pipeline"]
    assert "4.00x" in document.page(half) and "Input pipeline" not in document.page(half)


def test_the_page_in_the_docs_is_made_of_its_figures():
    content = json.loads(benchmark.PAGE.with_suffix(".json").read_text(encoding="utf-8"))
    assert benchmark.PAGE.read_text(encoding="utf-8") == document.page(content)
