"""JAX trains what Keras' `fit` trains: the same losses, weights, averages and files, in float64."""

import re
import shutil
from contextlib import contextmanager

import numpy as np
import pytest
import tensorflow as tf
from pytest import approx

from larq_bvit.train import fitting, running
from larq_bvit.train.data import augment, load
from larq_bvit.train.jax_backend import steps
from larq_bvit.train.jax_backend.collecting import collect
from larq_bvit.train.jax_backend.exporting import export_job
from larq_bvit.train.recipes import load_recipe
from larq_bvit.train.teacher import as_one
from larq_bvit.zoo.images import MEAN, STD
from larq_bvit.zoo.weights import read_weights
from tests.long import LONG
from tests.train.float64_run import float64
from tests.train.jax_backend import jobs
from tests.train.models import small

pytest.importorskip("jax", reason='pip install "larq_bvit[jax]"')

EPOCHS, STEPS, BATCH = 2, 10, 4
_COMMON = [
    f"epochs={EPOCHS}",
    f"data.batch_size={BATCH}",
    "data.size=[32,32]",
    "data.augmentation.crop=padded",
    "schedule.warmup_epochs=0.5",
    "optimizer.learning_rate=0.01",
    "optimizer.reference_batch=",
]
# together what a recipe can ask for, but for what changes colours: that is in float32
_AVERAGE = (
    "data.augmentation.cutmix=1.0",
    "data.augmentation.erasing=0.3",
    "optimizer.name=adamw",
    "optimizer.weight_decay=0.01",
    "optimizer.ema=0.9",
    "optimizer.clip_norm=1.0",
    "label_smoothing=0.1",
)
_REACTNET = "reactnet_cifar10", "model.variant.widths=[8,16]"
CASES = {
    "average": (*_REACTNET, *_AVERAGE),
    "teacher": (
        *_REACTNET,
        "distillation.teacher=deit_small",
        "distillation.weights=none",
        "distillation.hard=0.5",
        "optimizer.clip_latent=true",
    ),
    "binaryvit": (
        "binaryvit_nano_cifar10",
        "model.variant.dims=[8,16]",
        "model.variant.depths=[1,0]",
        "model.variant.heads=[1,2]",
        "model.variant.mlp_ratios=[2,2]",
        "model.variant.reductions=[2,1]",
        *_AVERAGE,
    ),
}
MINUTES = {"binaryvit"}


def normalise(images):
    """As the pipeline's in float64: XLA divides by a product, which rounds float32 otherwise."""
    return (tf.cast(images, tf.float64) / 255 - MEAN) / STD


def two_teachers():
    return as_one(small(size=jobs.SIZE), small(size=jobs.SIZE, seed=1))


@contextmanager
def no_rounding():
    with pytest.MonkeyPatch.context() as patch, float64():
        for module in (augment, load, steps):
            patch.setattr(module, "normalise", normalise)
        patch.setattr(fitting, "load_teacher", lambda *_: two_teachers())
        yield


@pytest.fixture(scope="module", params=CASES)
def case(request, tmp_path_factory):
    """Folders of one recipe's run by TensorFlow, and of its job, trained by JAX."""
    if request.param in MINUTES and not LONG:
        pytest.skip("set LARQ_BVIT_LONG_TESTS=1: takes a minute")
    root = tmp_path_factory.mktemp("same")
    images = jobs.write_images(root / "images", STEPS * BATCH + 1)
    name, *changes = CASES[request.param]
    recipe = load_recipe(name, [*_COMMON, *changes, f"data.dataset=folder:{images}"])
    with no_rounding():
        export_job(recipe, root / "job")
        running.train(recipe, root / "keras")
        shutil.copytree(root / "job", root / "half")
        jobs.run(root / "job", "--verify", "--tolerance", 1e-9)
        jobs.run(root / "job", "--save-minutes", 0)
        collect(root / "job", root / "jax")
        jobs.run(root / "half", "--steps", STEPS + 3)
        collect(root / "half", root / "resumed")
        running.resume(root / "resumed")
    return root


def test_history(case):
    expected = jobs.history(case / "keras" / "history.csv")
    got = jobs.history(case / "jax" / "history.csv")
    assert list(got[0]) == list(expected[0]) and len(got) == EPOCHS
    for line, other in zip(got, expected, strict=True):
        assert line == approx(other, rel=1e-6)  # metrics are of float32
        for name in ("loss", "val_loss", "magnitude"):
            assert line[name] == approx(other[name], rel=1e-6 if name == "magnitude" else 1e-9)


@pytest.mark.parametrize("run", ["jax", "resumed"])
@pytest.mark.parametrize("file", ["weights.h5", "best.h5"])
def test_weights(case, run, file):
    expected, got = read_weights(case / "keras" / file), read_weights(case / run / file)
    assert expected.keys() == got.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(got[name], value, 0, 1e-9, err_msg=name)


def test_evaluation(case):
    text = [(case / run / "evaluation.json").read_text() for run in ("keras", "jax", "resumed")]
    keras, *others = ([float(n) for n in re.findall(r"[\d.]+(?:e-?\d+)?", t)] for t in text)
    for numbers in others:
        assert numbers == approx(keras, rel=1e-9)
