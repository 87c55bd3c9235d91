"""report.md of a run."""

import numpy as np
import pytest
from PIL import Image

from larq_bvit.train.callbacks.history import History
from larq_bvit.train.flips import Flips
from larq_bvit.train.progress import Progress
from larq_bvit.train.run_evaluation import save_evaluation
from larq_bvit.train.run_history import load_history
from larq_bvit.train.run_report import report
from tests.train.models import batch, small
from tests.train.run_folders import evaluation

pytest.importorskip("matplotlib")
RECIPE = 'name = "own"\ndescription = "a short run"\nepochs = 5\n\n[model]\nname = "small"\n'


def run(folder, epochs=2):
    """A folder with what `fit` leaves in it."""
    model, data = small(), batch(8)
    model.compile("adam", "mse", metrics=["accuracy"])
    history = History(folder / "history.csv", Progress(), steps_per_epoch=2, batch_size=4)
    model.fit(
        *data,
        batch_size=4,
        epochs=epochs,
        validation_data=data,
        verbose=0,
        callbacks=[Flips(model), history],
    )
    (folder / "recipe.toml").write_text(RECIPE)


def test_says_what_came_out(tmp_path):
    run(tmp_path)
    path = report(tmp_path)
    text = path.read_text()
    assert path == tmp_path / "report.md" and text.startswith("# own\n\na short run\n\n2 of 5 epo")
    assert "Best weights" not in text
    assert "4 steps" in text and f"```toml\n{RECIPE}```" in text
    columns = load_history(tmp_path / "history.csv").columns
    best = int(np.argmax(columns["val_accuracy"]))
    rows = {
        row.split("|")[1].strip(): row.split("|")[2:4] for row in text.splitlines() if "|" in row
    }
    assert [x.strip() for x in rows["val_accuracy"]] == [
        f"{columns['val_accuracy'][k]:.2%}" for k in (best, -1)
    ]
    assert rows["val_loss"][1].strip() == f"{columns['val_loss'][-1]:.4g}"
    assert rows["flips"][1].strip() == f"{columns['flips'][-1]:.2%}"
    assert "(curves.png)" in text
    assert Image.open(tmp_path / "curves.png").size == (1320, 816)
    save_evaluation(tmp_path / "evaluation.json", evaluation(40))
    assert "\n\nBest weights: top-1 50.00% (95%: " in report(tmp_path).read_text()


def test_curves_show_the_figures(tmp_path):
    run(tmp_path, epochs=1)
    pictures = []
    for loss in ("2.0", "2.0", "5.0"):
        (tmp_path / "history.csv").write_text(f"epoch,loss\n1,1.0\n2,{loss}\n")
        report(tmp_path)
        pictures.append((tmp_path / "curves.png").read_bytes())
    assert pictures[0] == pictures[1] != pictures[2]


def test_figures_that_are_zero_or_missing(tmp_path):
    (tmp_path / "recipe.toml").write_text(RECIPE)
    (tmp_path / "history.csv").write_text(
        "epoch,loss,learning_rate,flips,dead,val_loss\n1,0.0,0.0,0.0,0.0,\n2,,0.0,0.0,0.0,\n"
    )
    text = report(tmp_path).read_text()
    assert "best by loss (epoch 1)" in text and "| loss | 0 | |" in text


def test_nothing_is_written_of_a_damaged_run(tmp_path):
    with pytest.raises(ValueError, match=r"expected the folder of a run; .* has no recipe\.toml"):
        report(tmp_path)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    (tmp_path / "history.csv").write_text("epoch,loss\n1,2.0\n2,1.")
    with pytest.raises(ValueError, match="line 3 of .* is cut off"):
        report(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"recipe.toml", "history.csv"}
