"""Larq's quantized convolution with BinaryViT's quantizers."""

import larq as lq
import tensorflow as tf

from larq_bvit.layers.approx_sign import ApproxSign
from larq_bvit.layers.scaled_sign import ScaledSign

# PyTorch's default for linear and convolution layers, uniform in +-1 / sqrt(fan in): the
# published `init_weights` of BinaryViT never runs.
TORCH_UNIFORM = {"scale": 1 / 3, "mode": "fan_in", "distribution": "uniform"}

# No constraint, said aloud: with None, Larq warns once per layer that weights beyond +-1 get no
# gradient. The published recipes train so; clipping latent weights is for a recipe to choose.
UNCONSTRAINED = tf.keras.constraints.Constraint()


def torch_uniform() -> tf.keras.initializers.Initializer:
    """PyTorch's default kernel initialiser: uniform in +-1 / sqrt(fan in)."""
    return tf.keras.initializers.VarianceScaling(**TORCH_UNIFORM)


def bias_uniform(fan_in: int) -> tf.keras.initializers.Initializer:
    """PyTorch's default bias initialiser: uniform in +-1 / sqrt(fan in)."""
    return tf.keras.initializers.RandomUniform(-(fan_in**-0.5), fan_in**-0.5)


def binary_linear(units: int, name: str | None = None) -> lq.layers.QuantConv2D:
    """Binary linear layer on maps, (B, H, W, C) -> (B, H, W, units).

    `sign(x) . scaled_sign(W)` with centred weights and no bias, as a 1x1 convolution: the only
    form of a linear layer that Larq Compute Engine makes binary.

    Reference: BinaryViT (Le & Li 2023, arXiv 2306.16678), Sec. 3.1.
    """
    return lq.layers.QuantConv2D(
        units,
        kernel_size=1,
        use_bias=False,
        input_quantizer=ApproxSign(),
        kernel_quantizer=ScaledSign(centred=True),
        kernel_initializer=torch_uniform(),
        kernel_constraint=UNCONSTRAINED,
        name=name,
    )


def binary_conv(
    filters: int,
    kernel_size: int,
    strides: int = 1,
    padding: str = "same",
    kernel_initializer: tf.keras.initializers.Initializer | None = None,
    name: str | None = None,
) -> lq.layers.QuantConv2D:
    """Binary convolution, (B, H, W, C) -> (B, H', W', filters).

    `sign(x) * scaled_sign(W)` with uncentred weights and no bias. "same" pads the signs with
    zeros, as the published convolutions do.

    Reference: ReActNet (Liu et al. 2020, arXiv 2003.03488), Sec. 3.
    """
    return lq.layers.QuantConv2D(
        filters,
        kernel_size=kernel_size,
        strides=strides,
        padding=padding,
        use_bias=False,
        input_quantizer=ApproxSign(),
        kernel_quantizer=ScaledSign(),
        kernel_initializer=kernel_initializer or torch_uniform(),
        kernel_constraint=UNCONSTRAINED,
        name=name,
    )
