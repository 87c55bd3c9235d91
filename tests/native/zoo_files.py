"""Converted models of the zoo, with weights as after training, and a photograph for each."""

from __future__ import annotations

from functools import cache

import numpy as np
import tensorflow as tf

from larq_bvit import convert, zoo
from larq_bvit.bench.subjects.random_weights import as_after_training
from larq_bvit.convert.verification.samples import sample_images

# {name: (size of images, classes)}
SMALL = {
    "binaryvit_nano": (32, 10),
    "binaryvit_tiny": (64, 20),
    "reactnet_18": (64, 20),
    "birealnet_18": (64, 20),
}
LARGE = {"binaryvit_small": (224, 1000), "reactnet_a": (224, 1000)}


@cache
def zoo_file(name: str) -> tuple[bytes, np.ndarray]:
    """The file and a batch of one image; the nano model has the zoo's own weights."""
    size, classes = {**SMALL, **LARGE}[name]
    tf.keras.utils.set_random_seed(0)
    if name == "binaryvit_nano":
        model = zoo.BinaryViT(pretrained="cifar10", classifier_activation=None)
    else:
        model = zoo.create(
            name,
            input_shape=(size, size, 3),
            num_classes=classes,
            weights=None,
            classifier_activation=None,
        )
        as_after_training(model)
    tflite = convert.convert_model(model, verify=False).tflite
    image = zoo.preprocess_input(sample_images(1, size, size, 3))
    return tflite, np.asarray(image, np.float32)
