"""Model cards."""

import pytest

from larq_bvit.cards.card import card_page, read_card
from tests.cards.folders import write_card


def test_page(tmp_path):
    page = card_page(read_card(write_card(tmp_path / "binaryvit_nano_animals")))
    for line in (
        "# binaryvit_nano_animals",
        'model = zoo.create("binaryvit_nano", pretrained="animals")',
        "| Top-1 | 62.50% (95%: 51.55% to 72.31%), 80 images |",
        "| Calibration error | 6.25% (15 bins) |",
        "| Input | 32x64 pixels, RGB, `zoo.preprocess_input` |",
        "| Packed weights | 2.10 MB: 8,000,000 bits and 250,000 floats; 1.05 times the bits, "
        "scales and floats |",
        "| Multiply-accumulates | 12.3 M binary, 1.50 M float |",
        "| .tflite | 1.75 MB, top-1 61.25% (95%: 50.29% to 71.18%) |",
        "| Latency, slow | 5.0 ms (5.0 to 5.5) |",
        "| cat | 100% | dog | 25% | ant |",
        "| eel | 75% | fox | 50% | ant |",
        "Seed 7, 12 epochs, 1:02:03 with evaluation, larq_bvit 0.1.0, commit 0123456789ab, on a "
        "laptop.",
        "![Training curves](step2/curves.png)",
        "- Animals were asleep.",
        "- Data: four animals; theirs.",
    ):
        assert f"\n{line}\n" in page
    assert "Top-5" not in page and page.index("step1/") < page.index("step2/")


def test_top_5(tmp_path):
    folder = write_card(tmp_path / "weights", evaluation={"top_5": {"count": 80}})
    assert "| Top-5 | 100.00% (95%: 95.42% to 100.00%) |" in card_page(read_card(folder))


@pytest.mark.parametrize("name", ["card.json", "evaluation.json"])
@pytest.mark.parametrize("content", [None, "{", "\udcff"])
def test_damaged(tmp_path, name, content):
    folder = write_card(tmp_path / "weights")
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match="weights is no folder of packed weights"):
        read_card(folder)
