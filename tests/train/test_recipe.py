"""What a recipe's fields refuse."""

from dataclasses import replace

import pytest

from larq_bvit.train.data.config import DataConfig
from larq_bvit.train.recipe import (
    DistillationConfig,
    ModelConfig,
    OptimizerConfig,
    Recipe,
    ScheduleConfig,
    TeacherConfig,
)

RECIPE = Recipe(
    name="x",
    description="",
    model=ModelConfig(name="binaryvit_nano"),
    data=DataConfig(dataset="cifar10", size=(32, 32), batch_size=8),
    epochs=2,
)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"epochs": 0}, "epochs to be a whole number, at least 1; got 0"),
        ({"label_smoothing": 1.5}, "label_smoothing to be a number from 0 to 1; got 1.5"),
        ({"precision": "float16"}, "precision to be one of float32, .*; got 'float16'"),
        ({"seed": -1}, "seed to be a whole number, at least 0; got -1"),
        ({"keep": 0}, "keep to be a whole number, at least 1; got 0"),
        ({"checkpoint_steps": 0}, "checkpoint_steps to be a whole number, at least 1; got 0"),
        ({"data": replace(RECIPE.data, seed=3)}, "one seed for all; got data.seed 3"),
        ({"schedule": ScheduleConfig(warmup_epochs=3)}, "of at most 2 epochs; got 3"),
    ],
)
def test_recipe(fields, message):
    with pytest.raises(ValueError, match=message):
        replace(RECIPE, **fields)


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (ModelConfig, {"name": "x", "binary": "some"}, "binary to be one of all, .*; got 'some'"),
        (
            ModelConfig,
            {"name": "x", "weights": "a", "grown_from": "b"},
            "one of weights, pretrained and grown_from; got 'a' and 'b'",
        ),
        (
            ModelConfig,
            {"name": "x", "grown_from": "b", "binary": "nothing"},
            "grown_from: expected binary to be 'all'; got 'nothing'",
        ),
        (
            ModelConfig,
            {"name": "x", "grown_from": "b", "spread_latent": False},
            "grown_from: expected spread_latent, or copies stay equal; got false",
        ),
        (OptimizerConfig, {"name": "lion"}, "name to be one of adam, adamw, sgd; got 'lion'"),
        (OptimizerConfig, {"learning_rate": -1.0}, "learning_rate to be a number at least 0"),
        (OptimizerConfig, {"beta_1": 1.5}, "beta_1 to be a number from 0 to 1; got 1.5"),
        (OptimizerConfig, {"reference_batch": 0}, "reference_batch to be a whole number"),
        (ScheduleConfig, {"name": "step"}, "name to be one of cosine, linear, constant"),
        (ScheduleConfig, {"last": float("nan")}, "last to be a number at least 0; got nan"),
    ],
)
def test_parts(kind, fields, message):
    with pytest.raises(ValueError, match=message):
        kind(**fields)


@pytest.mark.parametrize(("field", "value"), [("soft", -1.0), ("temperature", 0.0)])
def test_distillation(field, value):
    with pytest.raises(ValueError, match=f"expected {field} to be .* 0; got {value}"):
        DistillationConfig(teacher="deit_small", weights="x.h5", **{field: value})


def test_two_teachers():
    second = TeacherConfig(teacher="reactnet_18", weights="y.h5")
    both = DistillationConfig(teacher="deit_small", weights="x.h5", second=second)
    assert [teacher.weights for teacher in both.teachers] == ["x.h5", "y.h5"]
    alone = DistillationConfig(teacher="deit_small", weights="x.h5")
    assert alone.teachers == (alone,)
    with pytest.raises(ValueError, match="binary to be one of .*; got 'half'"):
        TeacherConfig(teacher="reactnet_18", weights="y.h5", binary="half")
    with pytest.raises(ValueError, match="one teacher where maps are compared .*; got two"):
        DistillationConfig(teacher="deit_small", weights="x.h5", second=second, features=1.0)
