"""`fit` trains what a recipe says, with every recipe that comes with the package."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.train.build import build_model
from larq_bvit.train.data.load import Data
from larq_bvit.train.fitting import compile_model, fit, open_data
from larq_bvit.train.recipes import list_recipes, load_recipe, recipe_text
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.zoo.deit import DeiTVariant
from larq_bvit.zoo.macs import one_bit
from tests.train.data.common import write_folders

# a stage or two of each architecture
SHORT = {
    "binaryvit": [
        "model.variant.dims=[32,64]",
        "model.variant.depths=[1,0]",
        "model.variant.heads=[1,2]",
        "model.variant.mlp_ratios=[2,2]",
        "model.variant.reductions=[2,1]",
    ],
    "reactdeit": ["model.variant.depth=1", "model.variant.dim=32", "model.variant.heads=2"],
    "reactnet_a": ["model.variant.widths=[8,16,32]"],
    "reactnet_18": ["model.variant.depths=[1,1,1,1]"],
    "reactnet": [],
    "birealnet": ["model.variant.depths=[1,1,1,1]"],
}
TEACHER = {"dim": 32, "depth": 1, "heads": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two training images and three for evaluation, of two classes."""
    return write_folders(tmp_path_factory.mktemp("images"), 2, train=2, val=3)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    """Weights of a small DeiT for two classes at 32 pixels."""
    model = zoo.DeiT(DeiTVariant(**TEACHER), input_shape=(32, 32, 3), num_classes=2)
    return zoo.save_weights(model, tmp_path_factory.mktemp("teacher") / "teacher.h5")


@pytest.fixture
def eagerly():
    """No graphs: building one takes longer than a step, and other tests of `fit` have them."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def second(recipe):
    """The second teacher, if any."""
    return recipe.distillation.second if recipe.distillation else None


def short(name, folder, teacher=None):
    """A recipe on two images of 32 pixels, one step, with a model of few layers."""
    recipe = load_recipe(name)
    changes = ["epochs=1", "data.size=[32,32]", "data.batch_size=2", "data.evaluation="]
    changes += [f"data.dataset=folder:{folder}", "schedule.warmup_epochs=0"]
    changes += [f"model.{field}=" for field in ("weights", "pretrained", "grown_from")]
    changes += next(value for key, value in SHORT.items() if recipe.model.name.startswith(key))
    for where, guide in {"": recipe.distillation, ".second": second(recipe)}.items():
        if guide is not None:
            table = f"distillation{where}"
            changes += [f"{table}.weights={teacher}", f"{table}.teacher=deit_small"]
            changes += [f"{table}.binary=all", f"{table}.variant="]
            changes += [f"{table}.variant.{field}={value}" for field, value in TEACHER.items()]
    return load_recipe(name, changes)


@pytest.fixture(scope="module")
def traced_once():
    """Recipes of the same data, as they are here, share a pipeline: making one takes a second."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("train", "evaluation"):
            patch.setattr(Data, name, _kept(getattr(Data, name)))
        yield


def _kept(make):
    made = {}

    def kept(data, *place, **where):
        key = repr((data.config, place, where))
        if key not in made:
            made[key] = make(data, *place, **where)
        return made[key]

    return kept


@pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions_eagerly`")
@pytest.mark.usefixtures("eagerly", "traced_once")
@pytest.mark.parametrize("name", [recipe.name for recipe in list_recipes()])
def test_one_step_of_every_recipe(name, folder, teacher):
    recipe = short(name, folder, teacher)
    model = build_model(recipe, classes=2)
    before = [weight.numpy() for weight in model.trainable_weights]
    history = fit(model, recipe).history
    assert np.isfinite(history["loss"]).all() and len(history["val_accuracy"]) == 1
    moved = [
        not np.array_equal(old, weight.numpy())
        for old, weight in zip(before, model.trainable_weights, strict=True)
    ]
    assert sum(moved) > len(moved) / 2
    assert model.input_shape == (None, 32, 32, 3) and model.output_shape == (None, 2)
    logits = model(np.ones((2, 32, 32, 3), "float32"), training=True).numpy()
    assert not np.allclose(logits.sum(1), 1)
    assert any(map(one_bit, model.weights)) == (recipe.model.binary == "all")


def test_classes_must_fit(folder):
    recipe = short("binaryvit_nano_cifar10", folder)
    with pytest.raises(ValueError, match="expected a model of 2 classes, as 'folder:.*has 5"):
        fit(build_model(recipe, classes=5), recipe)


def test_data_must_be_of_all_workers_that_there_are(folder):
    recipe = short("binaryvit_nano_cifar10", folder)
    data = open_data(load_recipe(recipe, ["data.shard=[1,2]"]))
    with pytest.raises(ValueError, match=r"data of shard \(0, 1\), this worker's; got \(1, 2\)"):
        fit(build_model(recipe, classes=2), recipe, data=data)


def test_label_smoothing_and_metrics(folder):
    recipe = load_recipe(short("binaryvit_nano_cifar10", folder), ["label_smoothing=0.2"])
    model = build_model(recipe, classes=2)
    learner = compile_model(model, recipe, steps_per_epoch=1)
    assert learner is model
    images, labels = next(iter(open_data(recipe).evaluation()))
    expected = labels * 0.8 + 0.1
    logits = model(images, training=False)
    loss = -tf.reduce_mean(tf.reduce_sum(expected * tf.nn.log_softmax(logits), -1))
    got = learner.evaluate(images, labels, return_dict=True, verbose=0)
    np.testing.assert_allclose(got["loss"], loss, rtol=1e-5)
    assert set(got) == {"loss", "accuracy", "top_5"}


def test_the_seed_is_the_datas_too(folder):
    one, two, again = (
        open_data(load_recipe(short("binaryvit_nano_cifar10", folder), [f"seed={seed}"]))
        for seed in (1, 2, 1)
    )
    first = [next(iter(data.train()))[0].numpy() for data in (one, two, again)]
    np.testing.assert_array_equal(first[0], first[2])
    assert not np.array_equal(first[0], first[1])


def test_few_steps_are_told_where_a_run_begins(folder, tmp_path, caplog, eagerly):
    recipe = short("finetune", folder)
    run = RunFolder.create(tmp_path / "run", recipe_text(recipe))
    fit(build_model(recipe, 2), recipe, run=run)
    told = "1 epochs of 2 images are 1 steps; more may train better: epochs=80"
    assert told in caplog.text
    caplog.clear()
    fit(build_model(recipe, 2), recipe, run=run)  # goes on, with nothing left to do
    assert told not in caplog.text
