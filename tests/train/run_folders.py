"""Small folders of runs, as training leaves them, without weights."""

from pathlib import Path

import numpy as np

from larq_bvit.train.evaluation import Evaluation
from larq_bvit.train.paired import Hits
from larq_bvit.train.recipes import load_recipe, recipe_text
from larq_bvit.train.run_cost import RunCost, save_cost
from larq_bvit.train.run_evaluation import save_evaluation
from larq_bvit.train.share import Share

RECIPE = "binaryvit_nano_cifar10"
COST = RunCost(
    binary_parameters=1_234_000,
    float_parameters=56_000,
    packed_bytes=378_250,
    binary_macs=29_000_000,
    float_macs=1_960_000,
    ops=2_413_125.0,
)
COLUMNS = "epoch,step,seconds,images_per_second,loss,accuracy,val_loss,val_accuracy,val_top_5\n"


def write_run(folder: Path, changes=(), accuracies=(0.25, 0.5, 0.375), right=None) -> Path:
    """A run of so many epochs, evaluated with so many of 80 images right; None: not evaluated.

    An evaluated one says what its model costs; the other is as older runs are.
    """
    folder.mkdir(parents=True)
    (folder / "recipe.toml").write_text(recipe_text(load_recipe(RECIPE, ["epochs=3", *changes])))
    lines = [
        f"{e},{10 * e},{1000.5 + e},{100.0 * e},{2 / e},{value / 2},{1 / e},{value},{value + 0.25}"
        for e, value in enumerate(accuracies, 1)
    ]
    (folder / "history.csv").write_text(COLUMNS + "".join(f"{line}\n" for line in lines))
    if right is not None:
        save_evaluation(folder / "evaluation.json", evaluation(right))
        save_cost(folder / "cost.json", COST)
    return folder


def evaluation(right: int) -> Evaluation:
    """Of 80 images of two classes; all but four have their label among the best five."""
    return Evaluation(
        classes=("cat", "dög"),
        corrupt=(),
        confusion=np.array([[right, 80 - right], [0, 0]]),
        top_1=Share(right, 80),
        top_5=Share(76, 80),
        cross_entropy=0.5,
        calibration_error=0.0625,
        hits=Hits.of(np.arange(80) >= right, np.zeros(80, int)),
    )
