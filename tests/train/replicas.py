"""Short trainings by one replica and by two of the same batches; a program for tests.

    python -m tests.train.replicas FOLDER

Writes FOLDER/CASE-REPLICAS.npz with all weights, losses and figures. A program of its own, since
a process has as many devices as it began with.
"""

import sys  # noqa: I001  (TensorFlow comes after larq_bvit)
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np

import larq_bvit  # noqa: F401
import tensorflow as tf

from larq_bvit.layers import binary_conv
from larq_bvit.train import fitting
from larq_bvit.train.binarity import with_binary
from larq_bvit.train.fitting import fit
from larq_bvit.train.randomness import seed_all
from larq_bvit.train.recipe import DistillationConfig, Recipe
from larq_bvit.train.strategy import make_strategy
from larq_bvit.zoo.blocks import batch_norm
from larq_bvit.zoo.named_weights import named_weights
from tests.train import float64_run

_ADAMW = ["optimizer.name=adamw", "optimizer.weight_decay=0.5", "label_smoothing=0.1"]
_SGD = ["optimizer.name=sgd", "optimizer.weight_decay=0.5", "optimizer.clip_norm=0.01"]
CASES = {
    "adam": ["optimizer.name=adam", "optimizer.weight_decay=0.5", "optimizer.clip_latent=true"],
    "adamw": [*_ADAMW, "optimizer.clip_latent=true", "optimizer.ema=0.5"],
    "sgd": [*_SGD, "optimizer.clip_latent=true"],
    "distiller": ["optimizer.ema=0"],
}
_DISTILLATION = DistillationConfig(
    teacher="deit_small", weights="", soft=0.5, hard=0.3, features=0.2, temperature=2.0
)


def model(width: int = 4, dtype: str = "float64") -> tf.keras.Model:
    """Two convolutions, one of them binary, with the zoo's norm."""
    tf.keras.mixed_precision.set_global_policy(dtype)
    seed_all(width)
    image = tf.keras.Input((32, 32, 3), name="image")
    x = tf.keras.layers.Conv2D(width, 3, strides=4, name="stem")(image)
    x = batch_norm("stem/norm")(x)
    x = binary_conv(width, 3, name="binary")(x)
    x = batch_norm("binary/norm")(x)
    x = tf.keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = tf.keras.layers.Dense(3, name="classifier")(x)
    last = "float64" if dtype == "float64" else "float32"
    x = tf.keras.layers.Activation(None, dtype=last, name="prediction")(x)
    return tf.keras.Model(image, x)


def train(recipe: Recipe, strategy: tf.distribute.Strategy, dtype: str) -> dict[str, np.ndarray]:
    """{name: value} of what comes of it."""
    with strategy.scope():
        student = model(dtype=dtype)
    with strategy.scope():
        real = with_binary(student, "nothing")
    norms = [layer for layer in (*student.layers, *real.layers) if "norm" in layer.name]
    assert len(norms) == 4
    assert all(norm.synchronized == (strategy.num_replicas_in_sync > 1) for norm in norms)
    with mock.patch.object(fitting, "load_teacher", lambda *_: model(4, dtype)):
        history = fit(student, recipe).history
    weights = {name: weight.numpy() for name, weight in named_weights(student).items()}
    return weights | {f"history/{name}": np.array(value) for name, value in history.items()}


def main(folder: Path) -> None:
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    images = float64_run.write_images(folder / "images")
    strategies = {1: tf.distribute.get_strategy(), 2: make_strategy("mirrored")}
    for replicas, strategy in strategies.items():
        assert strategy.num_replicas_in_sync == replicas
        for case, changes in CASES.items():
            recipe = float64_run.tiny_recipe(images, *changes)
            if case == "sgd" and replicas > 1:
                recipe = replace(recipe, jit=True)  # has no effect, or it would be an error
            if case == "distiller":
                recipe = replace(recipe, distillation=_DISTILLATION)
            with float64_run.float64():
                np.savez(folder / f"{case}-{replicas}.npz", **train(recipe, strategy, "float64"))
        recipe = float64_run.tiny_recipe(images, "precision=mixed_float16")
        result = train(recipe, strategy, "mixed_float16")
        np.savez(folder / f"mixed_float16-{replicas}.npz", **result)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
