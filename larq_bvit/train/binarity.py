"""A binary model with real weights, or its full-precision twin."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from larq_bvit.layers import torch_uniform
from larq_bvit.train.recipe import Binary
from larq_bvit.zoo.macs import one_bit
from larq_bvit.zoo.named_weights import latent_weights, named_weights
from larq_bvit.zoo.static_build import static_build


def with_binary(model: tf.keras.Model, binary: Binary) -> tf.keras.Model:
    """The same model, of which less has one bit; with the same weights.

    Layers, their names and their weights stay; "nothing" has no `clip`, which belongs to
    attention's quantizer. Kernels that lose their quantizer start as PyTorch's convolutions do,
    since a start made for signs, such as ReActNet's with all weights near 0, suits no others.

    A full-precision twin of ReActNet and BinaryViT keeps RPReLU and softmax. Bi-Real Net has no
    activations but its signs: its twin is linear between the stem and the classifier.

    Arguments:
        model: a functional model of the zoo.
        binary: "all", the model itself; "activations", kernels real; "nothing", all real.
    """
    if binary == "all":
        return model

    def rebuild(layer: tf.keras.layers.Layer) -> tf.keras.layers.Layer:
        config = layer.get_config()
        if config.get("kernel_quantizer") is not None:
            config |= {"kernel_quantizer": None, "kernel_constraint": None}
            config["kernel_initializer"] = torch_uniform()
        if binary == "nothing":
            config |= {name: None for name in config if name.endswith("_quantizer")}
        if getattr(layer, "synchronized", False):  # a norm's config lacks it
            config["synchronized"] = True
        return type(layer).from_config(config)

    with static_build():
        real = tf.keras.models.clone_model(model, clone_function=rebuild)
    kept = {path: weight for path, weight in named_weights(model).items() if not one_bit(weight)}
    copy_weights(kept, named_weights(real))
    return real


def copy_weights(source: dict[str, Any], target: dict[str, Any]) -> None:
    """Between two models' named weights, whatever both have."""
    with latent_weights():
        for path in source.keys() & target.keys():
            target[path].assign(source[path].read_value())
