"""The end of a run, with batch normalisation measured anew."""

import shutil
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from larq_bvit.train import Augmentation, evaluate, finishing, load_data, precise_bn, running
from larq_bvit.train.build import build_model
from larq_bvit.train.data.sources import open_sources
from larq_bvit.train.recipes import load_recipe
from larq_bvit.train.run_evaluation import load_evaluation
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.weights import load_weights, read_weights
from tests.train.data.common import write_folders

CLASSES = 3


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    root = write_folders(tmp_path_factory.mktemp("images"), CLASSES, train=12, val=6)
    changes = ["epochs=1", "data.batch_size=4", f"data.dataset=folder:{root}", "seed=3"]
    changes += ["model.variant.widths=[8,16]", "deterministic=true", "data.augmentation.mixup=0.5"]
    return load_recipe("reactnet_cifar10", changes)


@pytest.fixture(scope="module")
def plain(recipe, tmp_path_factory):
    """The run without."""
    folder = tmp_path_factory.mktemp("plain") / "run"
    running.train(recipe, folder)
    return folder


@pytest.mark.parametrize(("images", "batches"), [(5, 2), (1000, 3)])
def test_best_weights_get_precise_statistics(recipe, plain, tmp_path, monkeypatch, images, batches):
    """Of whole batches of training images, cropped as in evaluation; at most of all of them."""
    precise = tmp_path / "precise"
    opened = []
    monkeypatch.setattr(finishing, "open_sources", lambda c: opened.append(c) or open_sources(c))
    evaluation = running.train(replace(recipe, precise_bn=images), precise)
    assert opened[0].memory == recipe.data.memory  # as for training: some formats need it
    before, after = (read_weights(run / "best.h5") for run in (plain, precise))
    changed = {path for path in before if not np.array_equal(before[path], after[path])}
    assert changed == {path for path in before if "/moving_" in path}
    last = read_weights(precise / "weights.h5")
    assert all(np.array_equal(last[path], before[path]) for path in before)

    model = build_model(recipe, CLASSES)
    load_weights(model, plain / "best.h5")
    still = Augmentation(crop="centre", flip=0.0)
    data = load_data(replace(recipe.data, seed=recipe.seed, augmentation=still))
    told = finishing.precise_bn_images(replace(recipe, precise_bn=images), data)
    assert told == 4 * batches
    precise_bn(model, (x for x, _ in islice(data.train(), batches)))
    for path, weight in named_weights(model).items():
        np.testing.assert_array_equal(weight.numpy(), after[path], err_msg=path)
    assert evaluation.as_dict() == evaluate(model, data).as_dict()
    assert load_evaluation(precise / "evaluation.json").top_1 == evaluation.top_1

    (precise / "evaluation.json").unlink()
    assert running.resume(precise).as_dict() == evaluation.as_dict()


def test_mixed_precision_ends_in_float32(recipe, tmp_path):
    """Figures are those of what ships."""
    run = tmp_path / "run"
    evaluation = running.train(replace(recipe, precision="mixed_bfloat16", precise_bn=5), run)
    model = build_model(recipe, CLASSES)
    load_weights(model, run / "best.h5")
    assert model.compute_dtype == "float32"
    assert evaluate(model, load_data(recipe.data)).as_dict() == evaluation.as_dict()


def test_a_finished_run_keeps_its_statistics_while_it_is_evaluated_again(
    recipe, tmp_path, monkeypatch
):
    run = tmp_path / "run"
    running.train(replace(recipe, precise_bn=5), run)
    best = (run / "best.h5").read_bytes()

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(finishing, "precise_bn", stopped)
    with pytest.raises(KeyboardInterrupt):
        running.resume(run)
    assert (run / "best.h5").read_bytes() == best


def test_a_run_that_goes_on_has_no_evaluation_of_before(recipe, tmp_path):
    """As a job has that was collected on its way."""
    run = tmp_path / "run"
    images = shutil.copytree(recipe.data.dataset.removeprefix("folder:"), tmp_path / "images")
    own = replace(recipe, epochs=2, data=replace(recipe.data, dataset=f"folder:{images}"))
    broken = images / "val" / "class1" / "1.jpg"
    content = broken.read_bytes()
    broken.write_bytes(b"no image")
    with pytest.raises(ValueError, match="can be resumed$"):
        running.train(own, run)
    for name in ("evaluation.json", "cost.json"):
        (run / name).write_text("of other weights")
    with pytest.raises(ValueError, match="can be resumed$"):
        running.resume(run)
    assert not any((run / name).exists() for name in ("evaluation.json", "cost.json"))
    broken.write_bytes(content)
    assert running.resume(run).top_1.total == 6


def test_an_unreadable_image_is_named_at_the_end_of_an_epoch(recipe, tmp_path):
    images = shutil.copytree(recipe.data.dataset.removeprefix("folder:"), tmp_path / "images")
    broken = images / "val" / "class1" / "1.jpg"
    content = broken.read_bytes()
    broken.write_bytes(b"no image")
    own = replace(recipe, data=replace(recipe.data, dataset=f"folder:{images}"))
    with pytest.raises(ValueError, match="max_corrupt=0 .* got 1: .*1.jpg .*can be resumed$"):
        running.train(own, tmp_path / "run")
    broken.write_bytes(content)
    assert running.resume(tmp_path / "run").top_1.total == 6
