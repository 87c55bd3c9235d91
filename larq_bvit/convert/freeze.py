"""Turns a model into its inference graph, in the forms that Larq Compute Engine recognises.

LCE makes a convolution binary when its kernel is a *constant* of two values per output channel.
TensorFlow does not fold large kernels through a quantizer, so the large layers, where it matters
most, would silently stay float. Here every kernel is quantized before the conversion.

Shifts are not added where they stand: they wait as offsets (see `Shifted`) until something
non-linear needs the sum, pass through everything that is linear in them on the way, and end in
a batch norm, a bias or a position embedding where one is near.
"""

from dataclasses import replace
from typing import Any

import larq as lq
import numpy as np
import tensorflow as tf

from larq_bvit import layers
from larq_bvit.convert.as_convolution import as_convolution
from larq_bvit.convert.channel_scale import ChannelScale
from larq_bvit.convert.frozen_attention import FrozenAttention
from larq_bvit.convert.normalization import Normalization
from larq_bvit.convert.rebuild import Rule, Shifted, apply, copy_of, rebuild
from larq_bvit.convert.small_map import is_small_map, small_map_conv
from larq_bvit.convert.sum import Sum
from larq_bvit.convert.zero_scale import split_scale
from larq_bvit.zoo.static_build import static_build
from larq_bvit.zoo.weights import latent_weights


def freeze(
    model: tf.keras.Model,
    batch_size: int | None = None,
    normalization: Normalization | None = None,
) -> tf.keras.Model:
    """The inference form of a functional Keras model: the same function, in float32.

    Exact: quantized kernels become constants; dropout and stochastic depth vanish; `RPReLU`
    becomes Keras' `PReLU` between shifts; binary convolutions on maps smaller than their kernel
    become matrix products (see `small_map`); binary dense layers and 1-D
    convolutions become 2-D convolutions; binary
    kernels with channels of scale 0 hand that scale to a factor after them. Rounding, in the last
    bits of float32: shifts merge with each other and move into batch norms, biases and position
    embeddings; `PoolingBranches` becomes two depthwise convolutions, the lines of its cross; sums
    of more than two maps become `Sum`; binary attention becomes `FrozenAttention`. Layers of other
    kinds are copied.

    Arguments:
        model: a functional Keras model, of the zoo or your own.
        batch_size: fixes the batch size; None leaves it open.
        normalization: the frozen model takes pixels from 0 to 255, float32, and normalises them
            itself (rounds).

    Raises:
        ValueError: the model is not functional, or its channels are not the normalization's.
    """

    def begin(pixels: Any) -> Shifted:
        if normalization is None:
            return Shifted(pixels)
        scale, shift = normalization.of_pixels(pixels.shape[-1])
        name = f"{pixels.node.layer.name}/normalize"  # "normalize" may be a layer of the model's
        multiply = ChannelScale(name=name, dtype="float32")
        return Shifted(apply(multiply, pixels, [scale]), shift)

    with static_build(), latent_weights():
        return rebuild(model, RULES, batch_size, begin)


def _quantized(layer: Any, inputs: list[Shifted], name: str) -> Shifted:
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


def _conv(layer: tf.keras.layers.Conv2D, inputs: list[Shifted], name: str) -> Shifted:
    weights, offset = layer.get_weights(), inputs[0].offset
    # not what is derived from it, such as the transposed one: its kernel means something else
    plain = type(layer) is tf.keras.layers.Conv2D and layer.groups == 1
    if offset is None or not plain or not layer.use_bias or layer.padding != "valid":
        x = inputs[0].settle(f"{name}/shift")
    else:
        x = inputs[0].tensor
        weights[1] = weights[1] + np.einsum("hwio,i->o", weights[0], offset)
    return Shifted(apply(copy_of(layer, name), x, weights), product=True)


def _learned_shift(layer: layers.LearnedShift, inputs: list[Shifted], name: str) -> Shifted:
    return inputs[0].plus(layer.get_weights()[0])


def _rprelu(layer: layers.RPReLU, inputs: list[Shifted], name: str) -> Shifted:
    shift_in, slope, shift_out = layer.get_weights()
    x = inputs[0].plus(-shift_in).settle(f"{name}/shift")
    rank = len(x.shape)
    prelu = tf.keras.layers.PReLU(shared_axes=list(range(1, rank - 1)), name=name, dtype="float32")
    return Shifted(apply(prelu, x, [slope.reshape([1] * (rank - 2) + [-1])]), shift_out)


def _batch_norm(
    layer: tf.keras.layers.BatchNormalization, inputs: list[Shifted], name: str
) -> Shifted:
    mean, variance = layer.moving_mean.numpy(), layer.moving_variance.numpy()
    gamma = layer.gamma.numpy() if layer.scale else np.ones_like(mean)
    beta = layer.beta.numpy() if layer.center else np.zeros_like(mean)
    if inputs[0].offset is not None:
        mean = mean - inputs[0].offset
    if inputs[0].product:
        norm = copy_of(layer, name, scale=True, center=True)
        return Shifted(apply(norm, inputs[0].tensor, [gamma, beta, mean, variance]), absorber=norm)
    scale = gamma / np.sqrt(variance + layer.epsilon)
    y = apply(ChannelScale(name=name, dtype="float32"), inputs[0].tensor, [scale])
    return Shifted(y, beta - scale * mean)


def _add(layer: tf.keras.layers.Add, inputs: list[Shifted], name: str) -> Shifted:
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


def _layer_scale(layer: layers.LayerScale, inputs: list[Shifted], name: str) -> Shifted:
    scale, shift = layer.get_weights()
    y = apply(ChannelScale(name=name, dtype="float32"), inputs[0].tensor, [scale])
    return Shifted(y, shift if inputs[0].offset is None else scale * inputs[0].offset + shift)


def _pooling_branches(layer: layers.PoolingBranches, inputs: list[Shifted], name: str) -> Shifted:
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


def _position(layer: layers.PositionEmbedding, inputs: list[Shifted], name: str) -> Shifted:
    position = layer.get_weights()[0]
    if inputs[0].offset is not None:
        position = position + inputs[0].offset
    return Shifted(apply(copy_of(layer, name), inputs[0].tensor, [position]))


def _attention(layer: layers.QuantAttention, inputs: list[Shifted], name: str) -> Shifted:
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


def _dense(layer: tf.keras.layers.Dense, inputs: list[Shifted], name: str) -> Shifted:
    weights = layer.get_weights()
    plain = type(layer) is tf.keras.layers.Dense and layer.use_bias
    if inputs[0].offset is not None and plain:
        weights[1] = weights[1] + inputs[0].offset @ weights[0]
        return Shifted(apply(copy_of(layer, name), inputs[0].tensor, weights))
    return Shifted(apply(copy_of(layer, name), inputs[0].settle(f"{name}/shift"), weights))


def _nothing(layer: tf.keras.layers.Layer, inputs: list[Shifted], name: str) -> Shifted:
    return inputs[0]


def _commutes(on_offset: Any = None) -> Rule:
    """A layer that an offset passes through, changed by `on_offset(layer, offset)` alone.

    Pooling is among them: Keras leaves the padding out of averages and maxima.
    """

    def rule(layer: tf.keras.layers.Layer, inputs: list[Shifted], name: str) -> Shifted:
        y = apply(copy_of(layer, name), inputs[0].tensor, layer.get_weights())
        offset = inputs[0].offset
        return Shifted(y, offset if offset is None or not on_offset else on_offset(layer, offset))

    return rule


RULES: dict[type, Rule] = {
    lq.layers.QuantConv2D: _quantized,
    lq.layers.QuantDense: _quantized,
    lq.layers.QuantConv1D: _quantized,
    tf.keras.layers.Conv2D: _conv,  # after Larq's, which are derived from it
    layers.LearnedShift: _learned_shift,
    layers.RPReLU: _rprelu,
    layers.LayerScale: _layer_scale,
    layers.PoolingBranches: _pooling_branches,
    layers.PositionEmbedding: _position,
    layers.QuantAttention: _attention,
    layers.ChannelTile: _commutes(lambda layer, offset: np.tile(offset, layer.ratio)),
    layers.GroupMean: _commutes(lambda layer, offset: offset.reshape(-1, layer.ratio).mean(axis=1)),
    layers.Mirror: _commutes(),
    tf.keras.layers.BatchNormalization: _batch_norm,
    tf.keras.layers.Add: _add,
    tf.keras.layers.Dense: _dense,
    tf.keras.layers.Dropout: _nothing,
    tf.keras.layers.UpSampling2D: _commutes(),
    tf.keras.layers.AveragePooling2D: _commutes(),
    tf.keras.layers.MaxPooling2D: _commutes(),
    tf.keras.layers.GlobalAveragePooling2D: _commutes(),
    tf.keras.layers.GlobalMaxPooling2D: _commutes(),
}
