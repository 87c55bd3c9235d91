"""The end of a run, with batch normalisation measured anew."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from larq_bvit.train import Augmentation, evaluate, load_data, precise_bn, running
from larq_bvit.train.build import build_model
from larq_bvit.train.recipes import load_recipe
from larq_bvit.train.run_evaluation import load_evaluation
from larq_bvit.zoo.weights import load_weights, named_weights, read_weights
from tests.train.data.common import write_image

CLASSES = 3


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    root = tmp_path_factory.mktemp("images")
    for split, count in (("train", 12), ("val", 6)):
        for i in range(count):
            write_image(root / split / f"class{i % CLASSES}" / f"{i}.jpg", seed=i)
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
def test_best_weights_get_precise_statistics(recipe, plain, tmp_path, images, batches):
    """Of whole batches of training images, cropped as in evaluation; at most of all of them."""
    precise = tmp_path / "precise"
    evaluation = running.train(replace(recipe, precise_bn=images), precise)
    before, after = (read_weights(run / "best.h5") for run in (plain, precise))
    changed = {path for path in before if not np.array_equal(before[path], after[path])}
    assert changed == {path for path in before if "/moving_" in path}
    last = read_weights(precise / "weights.h5")
    assert all(np.array_equal(last[path], before[path]) for path in before)

    model = build_model(recipe, CLASSES)
    load_weights(model, plain / "best.h5")
    still = Augmentation(crop="centre", flip=0.0)
    data = load_data(replace(recipe.data, seed=recipe.seed, augmentation=still))
    precise_bn(model, (x for x, _ in islice(data.train(), batches)))
    for path, weight in named_weights(model).items():
        np.testing.assert_array_equal(weight.numpy(), after[path], err_msg=path)
    assert evaluation.as_dict() == evaluate(model, data).as_dict()
    assert load_evaluation(precise / "evaluation.json").top_1 == evaluation.top_1

    (precise / "evaluation.json").unlink()
    assert running.resume(precise).as_dict() == evaluation.as_dict()
