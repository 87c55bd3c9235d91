"""BinaryViT: its pyramid, its plans, training and saving; the traps are in `test_traps.py`."""

from dataclasses import replace

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.zoo import BinaryViT, BinaryViTVariant
from tests.layers.common import normal
from tests.zoo import common

# every kind of layer that the family has, in two blocks
TINY = BinaryViTVariant(
    dims=(16, 32), depths=(1, 1), heads=(1, 2), mlp_ratios=(4, 2), reductions=(4, 1), patch_size=8
)
PAPER = ((4, 64), (8, 128), (16, 256), (32, 512))

test_contract = common.contract(BinaryViT, TINY)
test_contract_real_downsampling = common.contract(
    BinaryViT, replace(TINY, binary_downsampling=False)
)
test_variants = common.variants(
    BinaryViT,
    {
        "small": PAPER,
        "small_fp_down": PAPER,
        "tiny": ((4, 64), (8, 128), (16, 256), (32, 256)),
        "nano": ((4, 64), (8, 64), (16, 128), (32, 256)),
    },
)


@pytest.fixture(scope="module")
def nano():
    return BinaryViT("nano", input_shape=(64, 64, 3), num_classes=4)


def test_a_stage_of_its_own_for_every_entry():
    model = BinaryViT(
        BinaryViTVariant((8, 8, 16), (1, 2, 1), (1, 2, 2), (1, 2, 2), (2, 2, 1), patch_size=2),
        input_shape=(16, 24, 3),
        features_only=True,
    )
    assert model.name == "binaryvit"
    assert model.output_shape == [(None, 8, 12, 8), (None, 4, 6, 8), (None, 2, 3, 16)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"depths": (1, 1, 1)}, r"an entry per stage; got \[4, 3, 4, 4, 4\]"),
        ({"dims": (64, 96, 192, 384)}, "must be a multiple of the last one; got .64, 96"),
    ],
)
def test_refuses_impossible_plans(fields, message):
    with pytest.raises(ValueError, match=message):
        BinaryViTVariant(**fields)


def test_real_downsampling_widens_as_it_likes():
    assert BinaryViTVariant(dims=(64, 96, 192, 384), binary_downsampling=False).stride == 32


def test_stride_is_that_of_the_variant():
    assert TINY.stride == 16
    with pytest.raises(ValueError, match="must be multiples of 16; got 32x24"):
        BinaryViT(TINY, input_shape=(32, 24, 3))


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("pooling_branches", [True, False])
def test_parts_that_can_be_left_out(affine, pooling_branches):
    model = BinaryViT(
        TINY, input_shape=(32, 32, 3), affine=affine, pooling_branches=pooling_branches
    )
    names = {layer.name.split("/", 2)[-1] for layer in model.layers}
    for part in ("attention/affine", "mlp/affine"):
        assert (part in names) == affine
    assert ("pooling" in names) == pooling_branches


def test_reduction_is_the_greatest_common_divisor():
    variant = replace(TINY, patch_size=4, reductions=(4, 6))  # maps of 10x12 and 5x6
    model = BinaryViT(variant, input_shape=(40, 48, 3))
    assert model.get_layer("stage1/block1/attention/reduce/pool").pool_size == (2, 4)
    assert model.get_layer("stage2/block1/attention/reduce/pool").pool_size == (1, 6)
    for stage, size in ((1, (10, 12, 16)), (2, (5, 6, 32))):
        up = model.get_layer(f"stage{stage}/block1/attention/key/upsample")
        assert up.output_shape == (None, *size)
    other = BinaryViT(variant, input_shape=(64, 64, 3))
    names = [{w.name for w in m.weights} for m in (model, other)]
    assert names[0] == names[1]


def test_gradients_of_all_weights(nano):
    common.trains(lambda: nano, None)


def test_fits():
    model = BinaryViT(TINY, input_shape=(64, 64, 3), num_classes=4, drop_path=0.2)
    before = [weight.numpy() for weight in model.trainable_weights]
    model.compile("sgd", "sparse_categorical_crossentropy")
    history = model.fit(
        normal(4, 64, 64, 3).astype("float32"), np.arange(4), batch_size=2, verbose=0
    )
    assert np.isfinite(history.history["loss"]).all()
    assert model.optimizer.iterations == 2
    still = {
        weight.name
        for old, weight in zip(before, model.trainable_weights, strict=True)
        if (old == weight.numpy()).all()
    }
    # may have no gradient: a bias before a batch norm, and what attention's probabilities alone
    # depend on, while they are all above the clip
    allowed = {"stem/projection/bias:0"} | {
        f"stage{stage}/block1/attention/attend/{side}/shift:0"
        for stage in (1, 2)
        for side in ("query", "key")
    }
    assert still <= allowed


@pytest.mark.parametrize(
    ("name", "fields"),
    # a folder takes as long as tracing every layer several times: all in one block there
    [("model", {"depths": (1, 0), "heads": (2, 2)}), ("model.keras", {})],
    ids=["model", "model.keras"],
)
def test_saved_models_round_trip(name, fields, tmp_path):
    variant = replace(TINY, **fields)
    model = common.randomise(BinaryViT(variant, input_shape=(32, 32, 3), num_classes=4))
    model.save(str(tmp_path / name))
    common.same(model, tf.keras.models.load_model(str(tmp_path / name)))


def test_larq_summary_counts_one_bit_weights(nano):
    lines = []
    lq.models.summary(nano, print_fn=lines.append)
    total = next(row for text in lines for row in str(text).splitlines() if "| Total " in row)
    counts = zoo.profile(nano)
    bits, floats = map(int, total.split()[2:4])
    assert bits == counts.binary_parameters > 1.6e6
    assert bits + floats == counts.trainable_parameters
