"""What becomes of layers that multiply: kernels are quantized, offsets end in biases."""

from dataclasses import replace
from typing import Any

import larq as lq
import numpy as np
import tensorflow as tf

from larq_bvit.convert.freezing.as_convolution import as_convolution
from larq_bvit.convert.freezing.channel_scale import ChannelScale
from larq_bvit.convert.freezing.rebuild import Shifted, apply, copy_of
from larq_bvit.convert.freezing.small_map import is_small_map, small_map_conv
from larq_bvit.convert.freezing.zero_scale import split_scale


def quantized(layer: Any, inputs: list[Shifted], name: str) -> Shifted:
    weights = layer.get_weights()
    place = [weight.name for weight in layer.weights].index(layer.kernel.name)
    if layer.kernel_quantizer is not None:
        # in float32, as the model will run: a float64 scale would round differently
        weights[place] = layer.kernel_quantizer(tf.constant(weights[place], tf.float32)).numpy()
    x = inputs[0].settle(f"{name}/shift")
    found = as_convolution(layer, x, weights[place], name)
    if found is None:
        return _convolved(layer, x, weights, name)
    conv, rows, kernel = found
    y = _convolved(conv, rows, [kernel, *weights[1:]], name)
    shape = layer.compute_output_shape(x.shape)[1:]
    flat = tf.keras.layers.Reshape(shape, name=f"{name}/flat", dtype="float32")(y.tensor)
    return replace(y, tensor=flat)


def _convolved(layer: Any, x: Any, weights: list[np.ndarray], name: str) -> Shifted:
    """A layer whose kernel is quantized already, of its weights but not its kernel quantizer."""
    split = split_scale(weights[0]) if isinstance(layer, lq.layers.QuantConv2D) else None
    if split is not None:
        kernel, factor = split
        plain = copy_of(layer, name, kernel_quantizer=None, activation=None, use_bias=False)
        y = _convolved(plain, x, [kernel], name).tensor
        scale = ChannelScale(name=f"{name}/scale", dtype="float32")
        bias = weights[1] if len(weights) > 1 else None
        scaled = Shifted(apply(scale, y, [factor]), bias, product=True)
        if layer.activation is tf.keras.activations.linear:
            return scaled
        settled = scaled.settle(f"{name}/bias")
        return Shifted(
            tf.keras.layers.Activation(layer.activation, name=f"{name}/activation")(settled)
        )
    if is_small_map(layer, x):
        return Shifted(small_map_conv(layer, x, weights, name))
    return Shifted(apply(copy_of(layer, name, kernel_quantizer=None), x, weights), product=True)


def conv(layer: tf.keras.layers.Conv2D, inputs: list[Shifted], name: str) -> Shifted:
    weights, offset = layer.get_weights(), inputs[0].offset
    # not what is derived from it, such as the transposed one: its kernel means something else
    plain = type(layer) is tf.keras.layers.Conv2D and layer.groups == 1
    if offset is None or not plain or not layer.use_bias or layer.padding != "valid":
        x = inputs[0].settle(f"{name}/shift")
    else:
        x = inputs[0].tensor
        weights[1] = weights[1] + np.einsum("hwio,i->o", weights[0], offset)
    return Shifted(apply(copy_of(layer, name), x, weights), product=True)


def dense(layer: tf.keras.layers.Dense, inputs: list[Shifted], name: str) -> Shifted:
    weights = layer.get_weights()
    plain = type(layer) is tf.keras.layers.Dense and layer.use_bias
    if inputs[0].offset is not None and plain:
        weights[1] = weights[1] + inputs[0].offset @ weights[0]
        return Shifted(apply(copy_of(layer, name), inputs[0].tensor, weights))
    return Shifted(apply(copy_of(layer, name), inputs[0].settle(f"{name}/shift"), weights))
