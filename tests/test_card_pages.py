"""The cards and the README's table are what their generator gives."""

import json

import pytest

from larq_bvit import zoo
from larq_bvit.presets import presets
from tests import card_pages

FOLDERS = card_pages.folders()


def test_pages():
    for path, text in card_pages.pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path} is out of date: run make docs"


def test_every_published_file_has_a_card():
    assert [folder.name for folder in FOLDERS] == list(presets())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_one_set_of_figures(folder):
    """Card, preset and the file's own metadata agree."""
    preset = presets()[folder.name]
    evaluation = json.loads((folder / "evaluation.json").read_text())
    facts = json.loads((folder / "card.json").read_text())
    stored = zoo.read_metadata(folder / "weights.safetensors")
    top_1 = evaluation["top_1"]
    assert stored.accuracy.top_1.count == top_1["count"]
    assert stored.accuracy.images == preset.images
    assert preset.top_1 == top_1["value"] == top_1["count"] / preset.images
    assert sum(row["images"] for row in evaluation["classes"]) == preset.images
    assert len(stored.class_names) == preset.num_classes == len(evaluation["classes"])
    assert (stored.model, stored.dataset) == (preset.model, preset.dataset)
    assert facts["counts"]["bytes"] == preset.bytes
    assert preset.bytes <= 1.15 * facts["counts"]["bare_bytes"]
