"""Models to convert: small, with every weight away from where it starts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import larq as lq
import numpy as np
import tensorflow as tf

from larq_bvit.convert.freezing.rebuild import Shifted, apply, copy_of, rebuild
from larq_bvit.zoo.registry import MODELS

# still every kind of layer, but fewer of the same kind, or narrower ones
_QUARTER = {"widths": (8, 16, 32, 32, 64, 64, *[128] * 6, 256, 256)}
_FEWER: dict[str, dict[str, Any]] = {
    "reactdeit_small": {"depth": 2},
    "reactnet_a": _QUARTER,
    "reactnet_c": _QUARTER,
}
TWO_STAGES = {
    "dims": (64, 64),
    "depths": (1, 1),
    "heads": (1, 2),
    "mlp_ratios": (4, 4),
    "reductions": (4, 1),
}


def unsettle(model: tf.keras.Model, seed: int = 0) -> tf.keras.Model:
    """Moves every weight but the kernels, so that nothing is 0, 1, or equal to its neighbour."""
    rng = np.random.RandomState(seed)
    for weight in model.weights:
        name = weight.name.split("/")[-1]
        noise = rng.standard_normal(weight.shape)
        if name.startswith("moving_variance"):
            weight.assign(0.5 + rng.uniform(size=weight.shape))
        elif name.startswith("clip"):
            weight.assign(0.02 * (0.5 + rng.uniform()))
        elif not name.startswith("kernel"):
            weight.assign(weight + 0.1 * noise)
    return model


def tiny(
    name: str,
    size: tuple[int, int] = (64, 64),
    fields: Mapping[str, Any] | None = None,
    **arguments: Any,
) -> tf.keras.Model:
    """A model of the zoo for 10 classes, logits.

    Arguments:
        fields: of the variant, instead of its own; by default a large one is made smaller.
    """
    arguments = {"classifier_activation": None, "num_classes": 10, **arguments}
    architecture, variant = MODELS[name]
    plan = replace(architecture.variants[variant], **(fields or _FEWER.get(name, {})))
    tf.keras.utils.set_random_seed(1)
    return unsettle(architecture(plan, input_shape=(*size, 3), **arguments))


def images(batch: int, size: tuple[int, int] = (64, 64), seed: int = 2) -> np.ndarray:
    """Standard normal images."""
    rng = np.random.RandomState(seed)
    return rng.standard_normal((batch, *size, 3)).astype("float32")


def constant_kernels(model: tf.keras.Model) -> tf.keras.Model:
    """The model with constant binary kernels, which is the least that LCE needs."""

    def rule(layer, inputs, name):
        kernel, *bias = layer.get_weights()
        weights = [layer.kernel_quantizer(tf.constant(kernel, tf.float32)).numpy(), *bias]
        constant = copy_of(layer, name, kernel_quantizer=None)
        return Shifted(apply(constant, inputs[0].tensor, weights))

    return rebuild(model, {lq.layers.QuantConv2D: rule}, batch_size=1)
