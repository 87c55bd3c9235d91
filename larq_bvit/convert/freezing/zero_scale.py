"""Binary kernels with channels that have no scale.

LCE finds a channel's scale in its kernel, and one channel whose scale is 0 or nearly so, such as
`ScaledSign` gives where all weights are 0, sends the whole layer to float.
"""

import numpy as np

from larq_bvit.convert.lce.lce_patterns import SMALLEST_SCALE


def split_scale(kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """A binary kernel (..., filters) as signs times factor for such channels, if there are any.

    Exact: the kernel returned times the factor (filters,) is the kernel given. None for kernels
    that are not binary.
    """
    magnitude = np.abs(kernel.reshape(-1, kernel.shape[-1]))
    scale = magnitude[0]
    lost = scale <= SMALLEST_SCALE
    if not lost.any() or (magnitude != scale).any():
        return None
    return np.where(lost, np.where(kernel < 0, -1, 1), kernel), np.where(lost, scale, 1)
