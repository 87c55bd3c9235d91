"""Random weights as after training."""

import larq as lq
import numpy as np

from larq_bvit import zoo
from larq_bvit.bench.subjects.random_weights import as_after_training


def test_weights_as_after_training():
    """A CNN's kernels start positive: as bits, one number."""
    model = zoo.create("birealnet_18", input_shape=(32, 32, 3), num_classes=10)
    kernels = [x.kernel for x in model.layers if isinstance(x, lq.layers.QuantConv2D)]
    assert all(kernel.numpy().min() >= 0 for kernel in kernels)
    as_after_training(model)
    shares = [float((kernel.numpy() >= 0).mean()) for kernel in kernels]
    assert len(shares) == 16 and all(0.4 < share < 0.6 for share in shares)
    for weight in model.weights:
        values = weight.numpy()
        assert np.isfinite(values).all(), weight.name
        assert values.size == 1 or len(np.unique(values)) > 1, weight.name
