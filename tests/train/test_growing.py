"""A grown model computes what the smaller one does, wherever it can, and is refused elsewhere."""

from contextlib import contextmanager
from dataclasses import asdict, replace

import numpy as np
import pytest
import tensorflow as tf
from tf_keras.src.mixed_precision.policy import policy_scope

from larq_bvit import zoo
from larq_bvit.train import grow
from larq_bvit.train.build import build_model
from larq_bvit.train.data.config import DataConfig
from larq_bvit.train.recipe import ModelConfig, Recipe
from larq_bvit.zoo.binaryvit import BinaryViTVariant
from larq_bvit.zoo.named_weights import latent_weights, named_weights
from larq_bvit.zoo.weights import read_weights
from tests.presets import publish
from tests.zoo.common import predict, randomise, sub_model

SMALL = BinaryViTVariant(
    dims=(16, 16, 32), depths=(1, 2, 1), heads=(1, 1, 2), mlp_ratios=(2, 2, 2), reductions=(2, 1, 1)
)
CLASSES = 5


def build(variant=SMALL, **arguments):
    given = {"input_shape": (32, 32, 3), "num_classes": CLASSES, "classifier_activation": None}
    return zoo.BinaryViT(variant, **{**given, **arguments})


def values(model):
    with latent_weights():
        return {path: weight.numpy() for path, weight in named_weights(model).items()}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Packed weights of SMALL, all random."""
    folder = tmp_path_factory.mktemp("small")
    return zoo.save_weights(randomise(build()), folder / "x.safetensors")


@contextmanager
def in_float64():
    """In which no sign of an activation stands on a rounding edge."""
    tf.keras.backend.set_floatx("float64")
    yield
    tf.keras.backend.set_floatx("float32")


@pytest.fixture
def float64():
    with in_float64():
        yield


@pytest.fixture(scope="module")
def logits(path):
    """Of SMALL in float64."""
    with in_float64():
        model = build()
        zoo.load_weights(model, path)
        return predict(model)[0]


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    "larger",
    [
        {"dims": (32, 32, 64), "heads": (2, 2, 4)},
        {"dims": (16, 32, 32), "heads": (1, 2, 2)},  # the second level is wider than the first
        {"dims": (16, 16, 128), "heads": (1, 1, 8)},
        {"depths": (3, 3, 2)},
        {"dims": (16, 32, 64), "heads": (1, 2, 4), "depths": (1, 5, 3)},
    ],
    ids=["wider", "wider-in-between", "wider-at-the-end", "deeper", "both"],
)
def test_predictions_stay(larger, path, logits):
    grown = build(replace(SMALL, **larger))
    grow(grown, path)
    np.testing.assert_allclose(predict(grown)[0], logits, atol=1e-9 * np.abs(logits).max())


@pytest.mark.usefixtures("float64")
def test_a_larger_mlp_ratio_keeps_all_but_the_shortcut_that_narrows(path):
    model, grown = build(), build(replace(SMALL, mlp_ratios=(4, 2, 2)))
    zoo.load_weights(model, path)
    grow(grown, path)
    names = [f"stage1/block1/mlp/{name}" for name in ("up/rprelu", "down/norm")]
    (up, down), (wide, narrowed) = (predict(sub_model(m, *names)) for m in (model, grown))
    np.testing.assert_allclose(wide, np.tile(up, 2), atol=1e-9 * np.abs(up).max())
    np.testing.assert_allclose(narrowed, down, atol=1e-9 * np.abs(down).max())


def test_copies_part_but_for_their_signs(path):
    grown = build(replace(SMALL, dims=(32, 32, 64), heads=(2, 2, 4), depths=(2, 2, 1)))
    grow(grown, path, seed=3)
    name = "stage1/block1/mlp/up/linear/kernel"
    kernel = values(grown)[name].reshape(2, 16, 2, 32)
    quantizer = named_weights(grown)[name].quantizer
    signs = quantizer(kernel.reshape(1, 1, 32, 64)).numpy().reshape(kernel.shape)
    stored = read_weights(path)[name][0, 0]
    for i in range(2):
        for j in range(2):
            np.testing.assert_allclose(signs[i, :, j], stored / 2, rtol=2e-6)
            if (i, j) != (0, 0):
                assert (kernel[i, :, j] != kernel[0, :, 0]).mean() > 0.9
    copy = values(grown)["stage1/block2/mlp/up/linear/kernel"]
    assert (copy.reshape(kernel.shape) != kernel).mean() > 0.9
    again, other = (build(grown.variant) for _ in range(2))
    grow(again, path, seed=3)
    grow(other, path, seed=4)
    np.testing.assert_array_equal(values(again)[name].reshape(kernel.shape), kernel)
    assert (values(other)[name].reshape(kernel.shape) != kernel).mean() > 0.9


def test_latent_weights_of_the_file_are_not_copied(path, tmp_path):
    model, wide = randomise(build()), replace(SMALL, dims=(32, 32, 64), heads=(2, 2, 4))
    latent = zoo.save_weights(model, tmp_path / "x.safetensors", latent=True)
    grown, other = build(wide), build(wide)
    grow(grown, path)  # of the same model
    grow(other, latent)
    for name, value in values(grown).items():
        np.testing.assert_allclose(values(other)[name], value, rtol=1e-5, atol=1e-7)


def test_only_copies_are_silent(path):
    grown = build(replace(SMALL, depths=(3, 3, 1)))
    grow(grown, path)
    blocks = (
        ("stage1/block1", "stage1/block2", "stage1/block3"),
        (
            "stage2/block1",
            "stage2/block2",
            "stage2/block3",
        ),
    )
    branches = "attention/affine/scale", "mlp/affine/shift", "pooling/h3/scale", "pooling/w5/shift"
    after, stored = values(grown), read_weights(path)
    for stage, originals in zip(blocks, ((1, 0, 0), (1, 0, 2)), strict=True):
        for block, original in zip(stage, originals, strict=True):
            for branch in branches:
                expected = stored[f"{stage[0][:6]}/block{original}/{branch}"] if original else 0
                np.testing.assert_array_equal(after[f"{block}/{branch}"], expected)
    assert after["stage1/block2/attention/query/shift/shift"].any()


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_grows_in_float32(policy, path):
    wide = replace(SMALL, dims=(32, 32, 64), heads=(2, 2, 4))
    grown = build(wide)
    grow(grown, path)
    with policy_scope(policy):
        mixed = build(wide)
    grow(mixed, path)
    after = values(mixed)
    assert all(np.array_equal(value, after[name]) for name, value in values(grown).items())


def test_another_size(path):
    """Of four times the keys, each has a quarter of the probability."""
    variant = replace(SMALL, dims=(32, 32, 64), heads=(2, 2, 4), reductions=(8, 1, 1))
    grown = build(variant, input_shape=(64, 64, 3))
    grow(grown, path)
    after, stored = values(grown), read_weights(path)
    # 8x8 positions in 2x2 are now 16x16 in 8x8
    for block, more in (("stage1/block1", 1 / 4), ("stage2/block2", 4)):
        clip = f"{block}/attention/attend/probability/clip"
        np.testing.assert_allclose(after[clip], stored[clip] / more, rtol=1e-6)
    position = after["stem/position/position"]
    expected = tf.image.resize(stored["stem/position/position"], (16, 16), "bicubic")
    np.testing.assert_allclose(position, np.tile(expected, 2), rtol=1e-6)


def test_classes(path, tmp_path):
    names = tuple("abcde")
    named = tmp_path / "named.safetensors"
    model = build()
    zoo.load_weights(model, path)
    zoo.save_weights(model, named, metadata=zoo.WeightsMetadata(class_names=names))
    wide = replace(SMALL, dims=(16, 16, 64), heads=(1, 1, 4))
    kernel = "classifier/kernel"

    grown = build(wide)
    grow(grown, named, new_classifier=True, class_names=names)
    assert grown.class_names == names
    np.testing.assert_array_equal(
        values(grown)[kernel], np.tile(read_weights(named)[kernel], (2, 1)) / 2
    )
    for classes, other in ((7, None), (5, tuple("edcba"))):
        grown = build(wide, num_classes=classes)
        before = values(grown)[kernel]
        grow(grown, named, new_classifier=True, class_names=other)
        np.testing.assert_array_equal(values(grown)[kernel], before)
        assert values(grown)["stem/projection/bias"].any()
    with pytest.raises(ValueError, match="5 other classes than the model's"):
        grow(build(wide), named, class_names=tuple("edcba"))
    with pytest.raises(ValueError, match=r"classifier/bias: \(5,\).*\(7,\)\n  with new_classifier"):
        grow(build(wide, num_classes=7), named)


@pytest.mark.parametrize(
    ("variant", "arguments", "message"),
    [
        ({"depths": (1, 1, 1)}, {}, r"unexpected .*: stage2/block2/"),
        ({"dims": (16, 16, 48), "heads": (1, 1, 3)}, {}, r"head/norm/beta: \(32,\) can't grow"),
        ({"dims": (16, 16, 16), "heads": (1, 1, 1)}, {}, r"head/norm/beta: \(32,\) can't grow"),
        ({}, {"num_classes": 10}, r"classifier/bias: \(5,\) can't grow to \(10,\)"),
        ({"depths": (1, 3, 1)}, {"affine": False}, "expected affine layers where blocks are added"),
        ({"binary_downsampling": False}, {}, "unexpected .*: stage2/downsample/"),
        ({"patch_size": 8}, {"input_shape": (64, 64, 3)}, r"stem/projection/kernel: \(4, 4, 3, 16"),
        ({}, {"input_shape": (32, 32, 6)}, r"stem/projection/kernel: \(4, 4, 3, 16\) can't"),
    ],
)
def test_what_cannot_grow(variant, arguments, message, path):
    model = build(replace(SMALL, **variant), **arguments)
    before = values(model)
    with pytest.raises(ValueError, match=f"(?s){path.name}: .*{message}"):
        grow(model, path)
    after = values(model)
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_other_architectures(path, tmp_path):
    net = zoo.create("reactnet_18", input_shape=(32, 32, 3), num_classes=CLASSES)
    with pytest.raises(ValueError, match="into BinaryViT; got 'reactnet_18'"):
        grow(net, path)
    other = zoo.save_weights(net, tmp_path / "net.safetensors")
    with pytest.raises(ValueError, match="expected BinaryViT to grow.*got 'reactnet_18'"):
        grow(build(), other)


def test_files_that_are_not_packed(tmp_path):
    latent = zoo.save_weights(build(), tmp_path / "x.h5")
    with pytest.raises(ValueError, match="HDF5"):
        grow(build(), latent)
    with pytest.raises(ValueError, match="no weight file at"):
        grow(build(), tmp_path / "none.safetensors")


def recipe(start):
    """Of a model that is wider than SMALL."""
    stages = asdict(replace(SMALL, dims=(16, 32, 32), heads=(1, 2, 2)))
    return Recipe(
        name="mine",
        description="grown",
        epochs=1,
        seed=2,
        model=ModelConfig(name="binaryvit_nano", variant=stages, grown_from=start),
        data=DataConfig(dataset="folder:images", size=(32, 32), batch_size=2, seed=2),
    )


@pytest.mark.parametrize("by_name", [True, False])
def test_a_recipe_grows(by_name, path, empty_package):
    publish(empty_package, "some_cats", path.read_bytes(), default=True)
    grown = recipe("some_cats" if by_name else str(path))
    model = build_model(grown, CLASSES)
    expected = build(model.variant)
    grow(expected, path, seed=2)
    expected = values(expected)
    assert all(np.array_equal(value, expected[name]) for name, value in values(model).items())
    with pytest.raises(ValueError, match=r"classifier/bias: \(5,\)"):
        build_model(grown, CLASSES + 1)
    new = replace(grown, model=replace(grown.model, new_classifier=True))
    assert build_model(new, CLASSES + 1).output_shape == (None, CLASSES + 1)


def test_no_such_start(empty_package):
    publish(empty_package, "some_cats", default=True)
    publish(empty_package, "some_nets", model="reactnet_18", default=True)
    with pytest.raises(ValueError, match="weight file or one of some_cats; got 'some_dogs'"):
        build_model(recipe("some_dogs"), CLASSES)
