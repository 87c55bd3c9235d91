"""Model cards."""

import json
from types import SimpleNamespace

import pytest

from larq_bvit.cards.card import card_page, read_card
from tests.cards.folders import EVALUATION, write_card


def test_page(tmp_path):
    page = card_page(read_card(write_card(tmp_path / "binaryvit_nano_animals")))
    for line in (
        "# binaryvit_nano_animals",
        'model = zoo.create("binaryvit_nano", pretrained="binaryvit_nano_animals")',
        "| Top-1 | 62.50% (95%: 51.55% to 72.31%), 80 images |",
        "| Calibration error | 6.25% (15 bins) |",
        "| Input | 32x64 pixels, RGB, `zoo.preprocess_input` |",
        "| Packed weights | 2.10 MB: 8,000,000 bits and 250,000 floats; 1.05 times the bits, "
        "scales and floats |",
        "| Multiply-accumulates | 12.3 M binary, 1.50 M float |",
        "| .tflite | 1.75 MB |",
        "| Top-1, Larq Compute Engine | 61.25% (95%: 50.29% to 71.18%) |",
        "| Top-1, native delegate | 62.50% (95%: 51.55% to 72.31%) |",
        "| Latency, Larq Compute Engine | 5.0 ms (95%: 5.0 to 5.5) |",
        "| Latency, native delegate | 0.12 ms (95%: 0.10 to 1.2) |",
        "| cat | 100% | dog | 25% | ant |",
        "| eel | 75% | fox | 50% | ant |",
        "Seed 7, 12 epochs, 1:02:03 with evaluation, larq_bvit 0.1.0, commit 0123456789ab, on a "
        "laptop.",
        "![Training curves](step2/curves.png)",
        "- Animals were asleep.",
        "- Data: four animals; theirs.",
    ):
        assert f"\n{line}\n" in page
    assert "by these same evaluation images" in page
    assert "Top-5" not in page and "Unreadable" not in page and "started from" not in page
    assert page.index("step1/") < page.index("step2/")


def test_top_5(tmp_path):
    folder = write_card(tmp_path / "weights", evaluation={"top_5": {"count": 80}})
    assert "| Top-5 | 100.00% (95%: 95.42% to 100.00%) |" in card_page(read_card(folder))


def test_what_is_not_always_there(tmp_path):
    start = {"name": "nano_cats", "dataset": "cats", "data_license": "ask the cats"}
    facts = {"started_from": start, "version": None, "commit": None}
    folder = write_card(tmp_path / "weights", facts, {"corrupt": 3})
    page = card_page(read_card(folder))
    assert "\n| Unreadable images | 3, left out |\n" in page
    assert "larq_bvit unknown, commit unknown, on a laptop.\n" in page
    assert "weights `nano_cats`, whose data are cats.\n" in page


def test_a_teacher(tmp_path):
    teacher = {"name": "deit_small, binary: nothing", "weights": "runs/owl/best.h5"}
    teacher |= {"dataset": "owls", "data_license": "ask at night"}
    page = card_page(read_card(write_card(tmp_path / "weights", {"teachers": [teacher]})))
    told = "`runs/owl/best.h5` (deit_small, binary: nothing), whose data are owls.\n"
    assert f"\nIt learned from the answers of {told}" in page


@pytest.mark.parametrize("images", [0, 10_000])
def test_precise_statistics(tmp_path, images):
    page = card_page(read_card(write_card(tmp_path / "weights", {"precise_bn": images})))
    told = (
        "\nIn the end batch normalisation got statistics that were measured over 10,000 training "
    )
    assert (told in page) == (images > 0)


def test_one_epoch_is_not_chosen(tmp_path):
    page = card_page(read_card(write_card(tmp_path / "weights", {"epochs": 1})))
    assert "by these same evaluation images" not in page


def test_data_of_the_training_before(tmp_path):
    facts = {"data_before": [["cats", "ask the cats"], ["dogs", "free"]]}
    facts["data_of_teachers"] = [["owls", "ask at night"]]
    page = card_page(read_card(write_card(tmp_path / "weights", facts)))
    assert page.endswith(
        "- Data: four animals; theirs.\n"
        "- Data of the training before: cats; ask the cats.\n"
        "- Data of the training before: dogs; free.\n"
        "- Data of a teacher: owls; ask at night.\n"
    )


def test_weights_that_the_zoo_does_not_find(tmp_path):
    page = card_page(read_card(write_card(tmp_path / "mine")), by_name=False)
    code = page.partition("```python\n")[2].partition("```")[0]
    called = {}
    create = SimpleNamespace(create=lambda *names, **given: called.update(given, names=names))
    exec(code.replace("from larq_bvit import zoo", ""), {"zoo": create})
    assert called == {
        "names": ("binaryvit_nano",),
        "weights": "mine/weights.safetensors",
        "input_shape": (32, 64, 3),
        "num_classes": 4,
    }


@pytest.mark.parametrize("measured", [1, 2, 3])
def test_few_classes(tmp_path, measured):
    rows = [
        {**row, "accuracy": row["accuracy"] if i < measured else None}
        for i, row in enumerate(EVALUATION["classes"])
    ]
    page = card_page(read_card(write_card(tmp_path / "weights", evaluation={"classes": rows})))
    worst = {1: "cat | 100%", 2: "dog | 25%", 3: "dog | 25%"}[measured]
    assert f"\n| cat | 100% | {worst} | " in page and page.count("| ant |") == 1


def test_class_names_that_would_break_a_table(tmp_path):
    row = {"class": "a|b", "images": 80, "accuracy": 0.5, "taken_for": {"c\nd": 40}}
    page = card_page(read_card(write_card(tmp_path / "weights", evaluation={"classes": [row]})))
    assert "\n| a\\|b | 50% | a\\|b | 50% | c d |\n" in page


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("card.json", "seed"),
        ("card.json", "counts.bare_bytes"),
        ("card.json", "tflite.machine"),
        ("evaluation.json", "top_1.count"),
        ("evaluation.json", "classes.taken_for"),
    ],
)
def test_missing_fields(tmp_path, name, path):
    folder = write_card(tmp_path / "weights")
    table = json.loads((folder / name).read_text())
    *outer, last = path.split(".")
    inner = table[outer[0]] if outer else table
    del (inner[1] if isinstance(inner, list) else inner)[last]
    (folder / name).write_text(json.dumps(table))
    with pytest.raises(ValueError, match=f"weights is no folder .*: {name} has no {path}$"):
        read_card(folder)
    (folder / name).write_text("[]")
    with pytest.raises(ValueError, match=f"{name} has no "):
        read_card(folder)


@pytest.mark.parametrize("name", ["card.json", "evaluation.json"])
@pytest.mark.parametrize("content", [None, "{", "\udcff"])
def test_damaged(tmp_path, name, content):
    folder = write_card(tmp_path / "weights")
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match="weights is no folder of packed weights"):
        read_card(folder)
