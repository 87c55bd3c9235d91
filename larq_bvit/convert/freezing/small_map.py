"""Zero-padded binary convolutions on maps smaller than their kernel.

LCE's fast kernels, not its reference, correct for zero padding wrongly when the kernel reaches
over both borders at once, such as 3x3 on the 2x2 map at the end of a CNN at 64x64 pixels.
"""

from typing import Any

import larq as lq
import numpy as np
import tensorflow as tf

from larq_bvit.convert.freezing.rebuild import apply, copy_of


def is_small_map(layer: Any, x: Any) -> bool:
    """Whether LCE would miscompute this quantized layer on `x` (B, H, W, C)."""
    if not isinstance(layer, lq.layers.QuantConv2D) or layer.padding != "same":
        return False
    sides = zip(x.shape[1:3], layer.kernel_size, strict=True)
    smaller = any(n is not None and n < k for n, k in sides)
    binary = getattr(layer.input_quantizer, "precision", 32) == 1
    return smaller and binary and layer.pad_values == 0


def small_map_conv(layer: Any, x: Any, weights: list[np.ndarray], name: str) -> Any:
    """The same layer as one product of the whole map with a kernel per output pixel (exact).

    (B, H, W, C) -> (B, H', W', filters), by a convolution over all H x W pixels with
    H' * W' * filters outputs, which needs no padding.

    Raises:
        ValueError: the map is smaller than the kernel on one side only, or a kernel lies partly
            outside the map in a way that would leave zeros among its values.
    """
    kernel, *bias = weights
    (height, width), (high, wide, channels, filters) = x.shape[1:3], kernel.shape
    (down, across) = layer.strides
    out_height, out_width = -(-height // down), -(-width // across)
    top = max((out_height - 1) * down + high - height, 0) // 2
    left = max((out_width - 1) * across + wide - width, 0) // 2
    whole = np.empty((height, width, channels, out_height, out_width, filters), np.float32)
    for i in range(out_height):
        for j in range(out_width):
            rows = np.arange(height) - i * down + top
            columns = np.arange(width) - j * across + left
            inside = set(rows) <= set(range(high)) and set(columns) <= set(range(wide))
            if not inside or layer.groups != 1 or layer.dilation_rate != (1, 1):
                raise ValueError(
                    f"Larq Compute Engine miscomputes {layer.name!r}: a zero-padded {high}x{wide} "
                    f"binary convolution on a {height}x{width} map; use a larger input"
                )
            whole[:, :, :, i, j] = kernel[np.ix_(rows, columns)]
    conv = copy_of(
        layer,
        name,
        kernel_quantizer=None,
        filters=out_height * out_width * filters,
        kernel_size=(height, width),
        strides=1,
        padding="valid",
    )
    stacked = [whole.reshape(height, width, channels, -1)]
    stacked += [np.tile(b, out_height * out_width) for b in bias]
    y = apply(conv, x, stacked)
    shape = (out_height, out_width, filters)
    return tf.keras.layers.Reshape(shape, name=f"{name}/pixels", dtype="float32")(y)
