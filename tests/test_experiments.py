"""Pages of experiments say what their runs' folders say."""

from pathlib import Path

import pytest

from larq_bvit.train.callbacks import read_history
from larq_bvit.train.comparison import read_runs
from larq_bvit.train.comparison_page import comparison_page
from larq_bvit.train.run_summary import RunSummary, summarise

EXPERIMENTS = Path(__file__).parents[1] / "docs" / "experiments"
LADDER, FINETUNE = EXPERIMENTS / "nano_ladder", EXPERIMENTS / "finetune_cifar10"
STEPS = {
    "class_token": "binary DeiT with a class token",
    "avg_pool": "average pooling for the token",
    "multi_branch": "pooling branches",
    "layer_scale": "affine layers before the additions",
    "binaryvit_fp_down": "pyramid, downsampling in full precision",
    "binaryvit": "pyramid, all binary: **BinaryViT nano**",
    "reactnet_18": "ReActNet-18, 7/16 as wide",
    "reactnet_a": "ReActNet-A, 1/4 as wide",
}
FLAT = LADDER / "precise_bn"  # the flat part again
FLAT_STEPS = {
    "class_token": "class token",
    "avg_pool": "average pooling",
    "multi_branch": "with pooling branches",
    "layer_scale": "with affine layers, too",
}
STARTS = {
    "latent": "latent weights of the run",
    "packed_spread": "**packed weights, distances drawn** (the default)",
    "packed_alike": "packed weights, all distances alike",
    "random": "random weights, `binaryvit_nano_cifar10`",
}


def rows(page: Path) -> dict[str, list[list[str]]]:
    """The lines of the page's tables: {first cell: other cells of each line}."""
    found: dict[str, list[list[str]]] = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("|"):
            first, *cells = (cell.strip() for cell in line.strip("|").split("|"))
            found.setdefault(first, []).append(cells)
    return found


@pytest.mark.parametrize("folder", [LADDER, FLAT], ids=lambda folder: folder.name)
def test_the_comparison_is_that_of_the_runs(folder):
    runs = read_runs(sorted((folder / "runs").iterdir()))
    page = (folder / "comparison.md").read_text(encoding="utf-8")
    assert page == comparison_page(runs, "comparison.png")


def top_1_of(run: RunSummary) -> str:
    low, high = run.evaluation.top_1.interval()
    return f"{run.top_1:.2%} ({100 * low:.2f} to {100 * high:.2f})"


def test_the_ladder_says_what_its_runs_say():
    table = rows(LADDER / "README.md")
    assert {run.name for run in (LADDER / "runs").iterdir()} == set(STEPS)
    before = None
    for name, step in STEPS.items():
        summary = summarise(LADDER / "runs" / name)
        gain = "" if before is None else f"{100 * (summary.top_1 - before):+.2f}"
        assert table[step] == [
            [
                top_1_of(summary),
                gain,
                f"{summary.cost.binary_parameters / 1e6:.2f} M",
                f"{summary.cost.ops / 1e6:.2f} M",
            ]
        ]
        before = summary.top_1


def test_the_flat_part_says_what_its_runs_say():
    table = rows(LADDER / "README.md")
    assert {run.name for run in (FLAT / "runs").iterdir()} == set(FLAT_STEPS)
    before = None
    for name, step in FLAT_STEPS.items():
        summary = summarise(FLAT / "runs" / name)
        gain = "" if before is None else str(summary.difference_to(before))
        assert table[step] == [[top_1_of(summary), gain]]
        before = summary


@pytest.mark.parametrize("file", sorted(FINETUNE.glob("*.csv")), ids=lambda file: file.stem)
def test_fine_tuning_says_what_its_runs_say(file):
    start, _, rate = file.stem.rpartition("_")
    history = read_history(file)
    second, last = (float(history[epoch]["flips"]) for epoch in (1, 7))
    top_1 = max(float(line["val_accuracy"]) for line in history)
    of_start = {cells[0]: cells[1:] for cells in rows(FINETUNE / "README.md")[STARTS[start]]}
    accuracy, flips = of_start[rate]
    assert accuracy.startswith(f"{top_1:.2%} (")
    assert flips == f"{second:.{0 if second > 0.1 else 1}%} and {last:.1%}"
