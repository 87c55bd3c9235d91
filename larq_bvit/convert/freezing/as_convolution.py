"""Binary dense layers and 1-D convolutions, of which LCE makes nothing, as 2-D convolutions."""

from typing import Any

import larq as lq
import numpy as np
import tensorflow as tf

from larq_bvit.convert.freezing.rebuild import config_in_float32

_PROBE = np.array([-2, -0.5, 0, 0.5, 2], np.float32)
_KEPT = ("use_bias", "activation", "input_quantizer", "dtype")
_KEPT_1D = ("padding", "pad_values", "groups", *_KEPT)


def as_convolution(
    layer: Any, x: Any, kernel: np.ndarray, name: str
) -> tuple[lq.layers.QuantConv2D, Any, np.ndarray] | None:
    """A binary layer as a convolution, its input as a map (B, N, 1, C), and its kernel for it.

    Dense layers on (B, C) and (B, N, C) become 1x1 convolutions, 1-D convolutions of size k on
    (B, N, C) become k x 1. None for all other layers, and those that LCE has no binary form for.
    """
    one_size = len(x.shape) in (2, 3) and None not in x.shape[1:]
    if not one_size or not _reads_signs(layer) or not _has_two_values(kernel):
        return None
    config = config_in_float32(layer)
    if isinstance(layer, lq.layers.QuantDense):
        kept = {key: config[key] for key in _KEPT}
        conv = lq.layers.QuantConv2D(layer.units, 1, name=name, **kept)
    elif isinstance(layer, lq.layers.QuantConv1D) and layer.padding in ("valid", "same"):
        kept = {key: config[key] for key in _KEPT_1D}
        (size,), (stride,), (rate,) = layer.kernel_size, layer.strides, layer.dilation_rate
        conv = lq.layers.QuantConv2D(
            layer.filters, (size, 1), (stride, 1), dilation_rate=(rate, 1), name=name, **kept
        )
        kernel = kernel[:, None]
    else:
        return None
    rows = x.shape[1] if len(x.shape) == 3 else 1
    to_map = tf.keras.layers.Reshape((rows, 1, x.shape[-1]), name=f"{name}/map", dtype="float32")
    return conv, to_map(x), kernel.reshape(*conv.kernel_size, *kernel.shape[-2:])


def _reads_signs(layer: Any) -> bool:
    quantizer = getattr(layer, "input_quantizer", None)
    if quantizer is None:
        return False
    return np.array_equal(np.asarray(quantizer(tf.constant(_PROBE))), [-1, -1, 1, 1, 1])


def _has_two_values(kernel: np.ndarray) -> bool:
    """+-s for every unit."""
    magnitude = np.abs(kernel.reshape(-1, kernel.shape[-1]))
    return bool((magnitude == magnitude[:1]).all())
