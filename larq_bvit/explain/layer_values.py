"""Values inside a model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.zoo.static_build import static_build


def layer_values(
    model: tf.keras.Model, tensors: Sequence[Any], image: np.ndarray
) -> list[tf.Tensor]:
    """What symbolic tensors of a model hold for one image, in inference; each has a batch of 1.

    Arguments:
        tensors: outputs of the model's layers.
        image: (H, W, channels), normalised as for the model.

    Raises:
        ValueError: the image has another shape than the model's input.
    """
    expected = tuple(model.input_shape[1:])
    if np.shape(image) != expected:
        raise ValueError(f"expected one image of shape {expected}; got {np.shape(image)}")
    with static_build():  # deep models
        inside = tf.keras.Model(model.inputs, list(tensors))
    batch = tf.convert_to_tensor(image, model.input.dtype)[tf.newaxis]
    # eager, as `predict`: tracing a thousand layers takes longer than running them once
    return tf.nest.flatten(inside(batch, training=False))
