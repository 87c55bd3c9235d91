"""What becomes of layers that work pixel by pixel, of pooling and of attention."""

from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit import layers
from larq_bvit.convert.freezing.channel_scale import ChannelScale
from larq_bvit.convert.freezing.frozen_attention import FrozenAttention
from larq_bvit.convert.freezing.rebuild import Rule, Shifted, apply, copy_of
from larq_bvit.convert.freezing.sum import Sum


def learned_shift(layer: layers.LearnedShift, inputs: list[Shifted], name: str) -> Shifted:
    return inputs[0].plus(layer.get_weights()[0])


def rprelu(layer: layers.RPReLU, inputs: list[Shifted], name: str) -> Shifted:
    shift_in, slope, shift_out = layer.get_weights()
    x = inputs[0].plus(-shift_in).settle(f"{name}/shift")
    rank = len(x.shape)
    prelu = tf.keras.layers.PReLU(shared_axes=list(range(1, rank - 1)), name=name, dtype="float32")
    return Shifted(apply(prelu, x, [slope.reshape([1] * (rank - 2) + [-1])]), shift_out)


def batch_norm(
    layer: tf.keras.layers.BatchNormalization, inputs: list[Shifted], name: str
) -> Shifted:
    x = inputs[0]
    if list(layer.axis) != [len(x.tensor.shape) - 1]:  # offsets and scales are of the last axis
        tensor = x.settle(f"{name}/shift")
        return Shifted(apply(copy_of(layer, name), tensor, layer.get_weights()))
    mean, variance = layer.moving_mean.numpy(), layer.moving_variance.numpy()
    gamma = layer.gamma.numpy() if layer.scale else np.ones_like(mean)
    beta = layer.beta.numpy() if layer.center else np.zeros_like(mean)
    if x.offset is not None:
        mean = mean - x.offset
    if x.product:
        norm = copy_of(layer, name, scale=True, center=True)
        return Shifted(apply(norm, x.tensor, [gamma, beta, mean, variance]), absorber=norm)
    scale = gamma / np.sqrt(variance + layer.epsilon)
    y = apply(ChannelScale(name=name, dtype="float32"), x.tensor, [scale])
    return Shifted(y, beta - scale * mean)


def add(layer: tf.keras.layers.Add, inputs: list[Shifted], name: str) -> Shifted:
    terms = [term for value in inputs for term in value.terms or (value.tensor,)]
    several = len(terms) > 2 and len({tuple(term.shape) for term in terms}) == 1
    if several:
        total = Sum(name=name, dtype="float32")(terms)
    else:
        total = copy_of(layer, name)([value.tensor for value in inputs])
    channels = total.shape[-1]  # of some terms, 1 may stand for all
    absorbers = [
        value.absorber
        for value in inputs
        if value.absorber is not None and value.tensor.shape[-1] == channels
    ]
    result = Shifted(
        total,
        absorber=absorbers[0] if absorbers else None,
        terms=tuple(terms) if several else (),
    )
    for value in inputs:
        if value.offset is not None:
            result = result.plus(np.broadcast_to(value.offset, channels))
    return result


def layer_scale(layer: layers.LayerScale, inputs: list[Shifted], name: str) -> Shifted:
    scale, shift = layer.get_weights()
    y = apply(ChannelScale(name=name, dtype="float32"), inputs[0].tensor, [scale])
    return Shifted(y, shift if inputs[0].offset is None else scale * inputs[0].offset + shift)


def pooling_branches(layer: layers.PoolingBranches, inputs: list[Shifted], name: str) -> Shifted:
    x = inputs[0].settle(f"{name}/shift")  # the zero padding is not shifted
    size = max(layer.sizes)
    kernels = {axis: np.zeros((size, x.shape[-1]), np.float32) for axis in "hw"}
    offset = np.zeros(x.shape[-1], np.float32)
    for branch, affine in layer.affines.items():
        scale, shift = affine.get_weights()
        length = int(branch[1:])
        first = (size - length) // 2
        kernels[branch[0]][first : first + length] += scale / length
        offset += shift
    lines = [
        _line(x, kernels["h"][:, None], f"{name}/h"),
        _line(x, kernels["w"][None], f"{name}/w"),
    ]
    return Shifted(Sum(name=name, dtype="float32")(lines), offset, terms=tuple(lines))


def _line(x: Any, kernel: np.ndarray, name: str) -> Any:
    """A depthwise convolution with a kernel (h, w, C)."""
    conv = tf.keras.layers.DepthwiseConv2D(
        kernel.shape[:2], padding="same", use_bias=False, name=name, dtype="float32"
    )
    return apply(conv, x, [kernel[..., None]])


def position(layer: layers.PositionEmbedding, inputs: list[Shifted], name: str) -> Shifted:
    position = layer.get_weights()[0]
    if inputs[0].offset is not None:
        position = position + inputs[0].offset
    return Shifted(apply(copy_of(layer, name), inputs[0].tensor, [position]))


def attention(layer: layers.QuantAttention, inputs: list[Shifted], name: str) -> Shifted:
    binary = isinstance(layer.input_quantizer, layers.ApproxSign) and isinstance(
        layer.probability_quantizer, layers.BinaryProbability
    )
    if not binary:
        tensors = [x.settle(f"{name}/shift{i}") for i, x in enumerate(inputs)]
        return Shifted(apply(copy_of(layer, name), tensors, layer.get_weights()))
    channels = inputs[0].tensor.shape[-1]
    thresholds = [np.zeros(channels) if x.offset is None else -x.offset for x in inputs]
    frozen = FrozenAttention(layer.heads, name=name, dtype="float32")
    return Shifted(apply(frozen, [x.tensor for x in inputs], thresholds + layer.get_weights()))


def nothing(layer: tf.keras.layers.Layer, inputs: list[Shifted], name: str) -> Shifted:
    return inputs[0]


def commutes(on_offset: Any = None) -> Rule:
    """A layer that an offset passes through, changed by `on_offset(layer, offset)` alone.

    Pooling is among them: Keras leaves the padding out of averages and maxima.
    """

    def rule(layer: tf.keras.layers.Layer, inputs: list[Shifted], name: str) -> Shifted:
        y = apply(copy_of(layer, name), inputs[0].tensor, layer.get_weights())
        offset = inputs[0].offset
        return Shifted(y, offset if offset is None or not on_offset else on_offset(layer, offset))

    return rule
