"""Binary kernels as one bit per weight and one scale per output channel."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.zoo.named_weights import latent_weights


def pack(kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Bits and scales of a kernel (..., channels) of the values `+-scale` of its channel.

    Returns:
        uint8 (channels, ceil(fan in / 8)), the lowest bit first, 1 where the weight is not
        negative, in the order of the kernel's leading axes; and the scales (channels,). None for a
        kernel of other values.
    """
    # (channels, fan in); in that order in memory, which safetensors writes as it is
    rows = np.ascontiguousarray(kernel.reshape(-1, kernel.shape[-1]).T)
    scale = np.abs(rows[:, 0])
    if not np.isfinite(scale).all() or (np.abs(rows) != scale[:, None]).any():
        return None
    return np.packbits(rows >= 0, axis=1, bitorder="little"), scale


def unpack(bits: np.ndarray, scale: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The kernel of this shape, of scale's dtype.

    Raises:
        ValueError: the arrays don't fit the shape, hold bits beyond the last weight, or scales
            that are negative, infinite or not a number.
    """
    channels, fan_in = shape[-1], prod(shape[:-1])
    expected = (channels, -(-fan_in // 8)), (channels,)
    if (bits.shape, scale.shape) != expected:
        raise ValueError(
            f"a kernel {shape} has bits {expected[0]} and scales {expected[1]}; "
            f"got {bits.shape} and {scale.shape}"
        )
    if not np.isfinite(scale).all() or np.signbit(scale).any():
        raise ValueError("expected scales of 0 or above; some are negative, infinite or no number")
    ones = np.unpackbits(bits, axis=1, bitorder="little")
    if ones[:, fan_in:].any():
        raise ValueError("expected zeros behind the last weight's bit")
    signs = 2 * np.ascontiguousarray(ones[:, :fan_in].T).view(np.int8) - 1
    return (signs * scale).reshape(shape)


def packed_kernel(kernel: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """Bits and float32 scales of a Larq kernel.

    They are its latent weights where these are `+-scale`, as those of a loaded model. Else they
    are what its own quantizer makes of them, as far as it gives back what it is given: `+-scale`
    must be quantized to `+-scale`, bit for bit, or a model would not be the same after loading.
    `ScaledSign` and quantizers to +-1 do; None for a kernel of another one, such as {0, 1} or
    Larq's magnitude-aware sign where its mean is rounded.
    """
    with latent_weights():
        latent = tf.convert_to_tensor(kernel.read_value())
    values = wide(latent)
    found = _float32(pack(values))
    if found and unpack(*found, values.shape).astype(values.dtype).tobytes() == values.tobytes():
        return found
    values = wide(kernel.quantizer(latent))
    found = _float32(pack(values))
    if found is None:
        return None
    again = kernel.quantizer(tf.cast(unpack(*found, values.shape), kernel.dtype))
    return found if wide(again).tobytes() == values.tobytes() else None


def _float32(
    packed: tuple[np.ndarray, np.ndarray] | None,
) -> tuple[np.ndarray, np.ndarray] | None:
    return packed and (packed[0], packed[1].astype("float32"))


def wide(x: tf.Tensor) -> np.ndarray:
    """float32 at least, since NumPy has no bfloat16."""
    return (tf.cast(x, tf.float32) if x.dtype.size < 4 else x).numpy()
