"""The traps of BinaryViT that only a whole model shows; the others are next to their layers."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.layers import LayerScale, PoolingBranches

BLOCKS = [
    f"stage{stage}/block{i}"
    for stage, depth in enumerate((1, 1, 3, 1), 1)
    for i in range(1, depth + 1)
]


@pytest.fixture(scope="module")
def model():
    tf.keras.utils.set_random_seed(0)
    yield zoo.BinaryViT("nano", input_shape=(64, 64, 3), drop_path=0.1)
    tf.keras.backend.clear_session()


def inputs_of(layer):
    """Names of the layers that `layer` reads."""
    return {source.name for source in tf.nest.flatten(layer.inbound_nodes[0].inbound_layers)}


def assert_uniform(values, fan_in):
    """Whether `values` are even in +-1 / sqrt(fan in)."""
    scaled = values.numpy() * fan_in**0.5
    tolerance = 3 / scaled.size**0.5
    assert 1 - 10 / scaled.size < np.abs(scaled).max() <= 1.000001
    assert abs(scaled.mean()) < tolerance and abs(scaled.std() - 3**-0.5) < tolerance


def test_trap_5_initialisation_is_the_default_of_pytorch(model):
    # the published init_weights would give a deviation of 0.02 and biases of 0
    kernels = [layer for layer in model.layers if hasattr(layer, "kernel")]
    # of each block 6, of the two with reduced keys 1 more, 3 downsamplings, patches, classifier
    assert len(kernels) == 6 * len(BLOCKS) + 2 + 3 + 2
    for layer in kernels:
        fan_in = np.prod(layer.kernel.shape[:-1])
        assert_uniform(layer.kernel, fan_in)
        if layer.use_bias:
            assert_uniform(layer.bias, fan_in)
    assert {layer.name for layer in kernels if layer.use_bias} == {"stem/projection", "classifier"}


def test_trap_6_layer_scale_starts_at_a_tenth_and_pools_at_zero(model):
    main = {layer.name: layer for layer in model.layers if isinstance(layer, LayerScale)}
    assert set(main) == {f"{block}/{b}/affine" for block in BLOCKS for b in ("attention", "mlp")}
    assert all((layer.scale.numpy() == np.float32(0.1)).all() for layer in main.values())
    pools = {layer.name: layer for layer in model.layers if isinstance(layer, PoolingBranches)}
    assert set(pools) == {f"{block}/pooling" for block in BLOCKS}
    for layer in pools.values():
        assert set(layer.affines) == {"h3", "w3", "h5", "w5"}
        assert all((affine.scale.numpy() == 0).all() for affine in layer.affines.values())
    shifts = [
        weight
        for weight in model.weights
        if "/affine/shift" in weight.name
        or ("/pooling/" in weight.name and weight.name.endswith("/shift:0"))
    ]
    assert len(shifts) == len(BLOCKS) * 6 and not any(np.any(shift) for shift in shifts)


def test_trap_7_drop_path_is_on_the_two_main_branches_only(model):
    dropping = {layer.name: layer.rate for layer in model.layers if hasattr(layer, "rate")}
    rates = np.linspace(0, 0.1, len(BLOCKS))
    expected = {
        f"{block}/{branch}/drop_path": rate
        for block, rate in zip(BLOCKS, rates, strict=True)
        for branch in ("attention", "mlp")
        if rate
    }
    assert dropping == pytest.approx(expected)
    for block in BLOCKS[1:]:
        for branch in ("attention", "mlp"):
            drop = model.get_layer(f"{block}/{branch}/drop_path")
            assert inputs_of(drop) == {f"{block}/{branch}/affine"}
        terms = {f"{block}/mlp/drop_path", f"{block}/attention/add", f"{block}/pooling"}
        assert inputs_of(model.get_layer(f"{block}/add")) == terms
        assert inputs_of(model.get_layer(f"{block}/pooling")) == {f"{block}/mlp/norm"}
