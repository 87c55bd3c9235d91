"""Binary dense layers, of which LCE makes nothing, as binary convolutions, which it packs."""

from typing import Any

import larq as lq
import numpy as np
import tensorflow as tf

from larq_bvit.convert.rebuild import config_in_float32

_PROBE = np.array([-2, -0.5, 0, 0.5, 2], np.float32)


def is_binary_dense(layer: Any, x: Any, kernel: np.ndarray) -> bool:
    """Whether signs of `x` (B, C) or (B, N, C) go into a dense layer of two values per unit."""
    if not isinstance(layer, lq.layers.QuantDense) or layer.input_quantizer is None:
        return False
    if len(x.shape) not in (2, 3) or None in x.shape[1:]:
        return False
    signs = np.asarray(layer.input_quantizer(tf.constant(_PROBE)))
    magnitude = np.abs(kernel)
    return np.array_equal(signs, [-1, -1, 1, 1, 1]) and bool((magnitude == magnitude[:1]).all())


def as_convolution(layer: Any, x: Any, name: str) -> tuple[lq.layers.QuantConv2D, Any]:
    """The same layer as a 1x1 convolution, and its input as a map (B, N or 1, 1, C)."""
    config = config_in_float32(layer)
    keys = ("use_bias", "activation", "input_quantizer", "dtype")
    kept = {key: config[key] for key in keys}
    conv = lq.layers.QuantConv2D(layer.units, 1, name=name, **kept)
    pixels = x.shape[1] if len(x.shape) == 3 else 1
    to_map = tf.keras.layers.Reshape((pixels, 1, x.shape[-1]), name=f"{name}/map", dtype="float32")
    return conv, to_map(x)
