"""The maps at the ends of a transformer's stages."""

import numpy as np
import tensorflow as tf

from larq_bvit.explain.binary_attention import binary_attention
from larq_bvit.explain.layer_values import layer_values
from larq_bvit.layers import SplitToken


def pyramid(model: tf.keras.Model, image: np.ndarray) -> list[np.ndarray]:
    """The map (H, W, C) at the end of every stage, finest first, the last one normalised.

    The same as the model gives with `features_only=True`, but of one with a classifier too.

    Arguments:
        model: a BinaryViT or ReActDeiT of the zoo.
        image: (H, W, 3), normalised, see `preprocess_input`.

    Raises:
        ValueError: the model has no binary attention, or the image is not of its input's shape.
    """
    last_blocks = {one.stage: one.path for one in binary_attention(model)}
    *inner, _ = last_blocks.values()
    levels = [model.get_layer(f"{path}/add").output for path in inner]
    splits = [layer for layer in model.layers if isinstance(layer, SplitToken)]
    last = splits[0].output[1] if splits else model.get_layer("head/norm").output
    return [value.numpy()[0] for value in layer_values(model, [*levels, last], image)]
