"""ResNet-18 beside torchvision's."""

import numpy as np

from larq_bvit.bench.subjects.resnet import resnet_18


def test_resnet_18_has_the_published_size():
    model = resnet_18()
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert trained == 11_689_512  # as torchvision states
    assert model.output_shape == (None, 1000)
