"""Models of a block or two that have, together, every kind of layer of the zoo."""

from dataclasses import replace

import tensorflow as tf

from larq_bvit.zoo.named_weights import latent_weights, named_weights
from larq_bvit.zoo.registry import MODELS
from tests.train.tiny_models import CLASSES, SIZE

_TWO_STAGES = {"dims": (8, 16), "heads": (1, 2), "mlp_ratios": (2, 2)}
# fields of the variants
FEW_LAYERS = {
    "binaryvit_nano": {**_TWO_STAGES, "depths": (1, 0), "reductions": (2, 1)},
    "binaryvit_small_fp_down": {**_TWO_STAGES, "depths": (0, 0), "reductions": (1, 1)},
    "reactdeit_small": {"dim": 16, "depth": 1, "heads": 2, "mlp_ratio": 2},
    "deit_small": {"dim": 16, "depth": 1, "heads": 2},
    "reactnet_b": {"widths": (8, 16)},
    "birealnet_18": {"depths": (1, 1, 0, 0)},
    "birealnet_50": {"depths": (1, 0, 0, 0)},
}


def few_layers(name: str) -> tf.keras.Model:
    """The model of that name with `FEW_LAYERS`, giving logits."""
    architecture, variant = MODELS[name]
    return architecture(
        replace(architecture.variants[variant], **FEW_LAYERS[name]),
        input_shape=(SIZE, SIZE, 3),
        num_classes=CLASSES,
        classifier_activation=None,
    )


def kind(layer: tf.keras.layers.Layer) -> str:
    """A layer's class, and of a convolution what kernels treat apart."""
    parts = [type(layer).__name__]
    if isinstance(layer, tf.keras.layers.Conv2D):
        parts += ["strided"] * (layer.strides != (1, 1)) + ["grouped"] * (layer.groups > 1)
    return " ".join(parts)


def values(model: tf.keras.Model) -> dict:
    """{path: array} of all weights, latent ones as they are."""
    with latent_weights():
        return {path: weight.numpy() for path, weight in named_weights(model).items()}
