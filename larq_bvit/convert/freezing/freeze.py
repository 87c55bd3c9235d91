"""Turns a model into its inference graph, in the forms that Larq Compute Engine recognises.

LCE makes a convolution binary when its kernel is a *constant* of two values per output channel.
TensorFlow folds large kernels through some forms of a quantizer only, so that large layers, where
it matters most, may silently stay float. Here every kernel is quantized before the conversion.

Shifts are not added where they stand: they wait as offsets (see `Shifted`) until something
non-linear needs the sum, pass through everything that is linear in them on the way, and end in
a batch norm, a bias or a position embedding where one is near.
"""

from typing import Any

import larq as lq
import numpy as np
import tensorflow as tf

from larq_bvit import layers
from larq_bvit.convert.freezing import map_rules, product_rules
from larq_bvit.convert.freezing.channel_scale import ChannelScale
from larq_bvit.convert.freezing.rebuild import Rule, Shifted, apply, rebuild
from larq_bvit.convert.normalization import Normalization
from larq_bvit.zoo.named_weights import latent_weights
from larq_bvit.zoo.static_build import static_build


def freeze(
    model: tf.keras.Model,
    batch_size: int | None = None,
    normalization: Normalization | None = None,
) -> tf.keras.Model:
    """The inference form of a functional Keras model: the same function, in float32.

    Exact: quantized kernels become constants; dropout and stochastic depth vanish; `RPReLU`
    becomes Keras' `PReLU` between shifts; binary convolutions on maps smaller than their kernel
    become matrix products (see `small_map`); binary dense layers and 1-D convolutions become 2-D
    ones; binary kernels with channels of scale 0 hand that scale to a factor after them.

    Rounding, in the last bits of float32: shifts merge with each other and move into batch norms,
    biases and position embeddings; `PoolingBranches` becomes two depthwise convolutions, the
    lines of its cross; sums of more than two maps become `Sum`; binary attention becomes
    `FrozenAttention`. Layers of other kinds are copied.

    Arguments:
        model: a functional Keras model, of the zoo or your own.
        batch_size: fixes the batch size; None leaves it open.
        normalization: the frozen model takes pixels from 0 to 255, float32, and normalises them
            itself (rounds).

    Raises:
        ValueError: the model is not functional, or its channels are not the normalization's.
    """

    def begin(pixels: Any) -> Shifted:
        if normalization is None or normalization.is_none:
            return Shifted(pixels)
        scale, shift = normalization.of_pixels(pixels.shape[-1])
        name = f"{pixels.node.layer.name}/normalize"  # "normalize" may be a layer of the model's
        multiply = ChannelScale(name=name, dtype="float32")
        return Shifted(apply(multiply, pixels, [scale]), shift)

    with static_build(), latent_weights():
        return rebuild(model, RULES, batch_size, begin)


def plain(model: tf.keras.Model) -> tf.keras.Model:
    """The functional model itself; of one that computes in half precision or holds other models,
    a copy that does not."""
    types = {layer.compute_dtype for layer in model._flatten_layers(include_self=False)}
    nested = any(isinstance(layer, tf.keras.Model) for layer in model.layers)
    if types.isdisjoint(("bfloat16", "float16")) and not nested:
        return model
    with static_build(), latent_weights():
        return rebuild(model, {})


RULES: dict[type, Rule] = {
    lq.layers.QuantConv2D: product_rules.quantized,
    lq.layers.QuantDense: product_rules.quantized,
    lq.layers.QuantConv1D: product_rules.quantized,
    tf.keras.layers.Conv2D: product_rules.conv,  # after Larq's, which are derived from it
    layers.LearnedShift: map_rules.learned_shift,
    layers.RPReLU: map_rules.rprelu,
    layers.LayerScale: map_rules.layer_scale,
    layers.PoolingBranches: map_rules.pooling_branches,
    layers.PositionEmbedding: map_rules.position,
    layers.QuantAttention: map_rules.attention,
    layers.ChannelTile: map_rules.commutes(lambda layer, offset: np.tile(offset, layer.ratio)),
    layers.GroupMean: map_rules.commutes(
        lambda layer, offset: offset.reshape(-1, layer.ratio).mean(axis=1)
    ),
    layers.Mirror: map_rules.commutes(),
    tf.keras.layers.BatchNormalization: map_rules.batch_norm,
    tf.keras.layers.Add: map_rules.add,
    tf.keras.layers.Dense: product_rules.dense,
    tf.keras.layers.Dropout: map_rules.nothing,
    tf.keras.layers.UpSampling2D: map_rules.commutes(),
    tf.keras.layers.AveragePooling2D: map_rules.commutes(),
    tf.keras.layers.MaxPooling2D: map_rules.commutes(),
    tf.keras.layers.GlobalAveragePooling2D: map_rules.commutes(),
    tf.keras.layers.GlobalMaxPooling2D: map_rules.commutes(),
}
