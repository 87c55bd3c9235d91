"""Models of recipes: every recipe at the root, seeds, precision, weights in all forms."""

import re

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.train.build import build_model
from larq_bvit.train.data.config import DataConfig
from larq_bvit.train.recipe import ModelConfig, Recipe
from larq_bvit.zoo.macs import one_bit
from larq_bvit.zoo.named_weights import latent_weights, named_weights
from larq_bvit.zoo.weights import read_weights
from tests.presets import publish
from tests.train.run_folders import write_run
from tests.train.tiny_models import CLASSES, tiny_recipe
from tests.zoo import common

pytestmark = pytest.mark.usefixtures("few_nano")
NANO = "binaryvit_nano_cifar10"
# two narrow stages are enough
STAGES = (
    "model.variant={dims=[16, 32], depths=[1, 1], heads=[1, 2], mlp_ratios=[2, 2], "
    "reductions=[2, 1]}"
)


def build(name=NANO, *changes, classes=CLASSES):
    changes = [STAGES, *changes] if name == NANO else changes
    return build_model(tiny_recipe(name, *changes), classes)


def values(model):
    with latent_weights():
        return {path: weight.numpy() for path, weight in named_weights(model).items()}


def same(a, b):
    assert a.keys() == b.keys()
    for path in a:
        np.testing.assert_array_equal(a[path], b[path], err_msg=path)


def test_precise_bn_is_refused_before_the_training_where_there_is_no_batch_normalisation():
    plan = "model.variant={depth=1, dim=32, heads=1}"
    with pytest.raises(ValueError, match="precise_bn: expected batch norm.*deit has none"):
        build(NANO, "model.name=deit_small", plan, "precise_bn=1")
    assert build(NANO, "precise_bn=1")


def test_a_number_of_classes_from_numpy():
    assert build(classes=np.int64(5)).output_shape == (None, 5)


def test_options_and_variant():
    names = [layer.name for layer in build(NANO, "model.options.affine=false").layers]
    assert not any(name.endswith("affine") for name in names)
    model = build("reactnet_cifar10")
    assert model.get_layer("level4/mirror").output_shape == (None, 1, 1, 256)


@pytest.mark.parametrize("binary", ["all", "nothing"])
def test_seed(binary):
    first, again, other = (
        values(build(NANO, f"model.binary={binary}", f"seed={seed}")) for seed in (1, 1, 2)
    )
    same(first, again)
    differ = {path for path in first if (first[path] != other[path]).any()}
    assert {"classifier/kernel", "stage1/block1/mlp/up/linear/kernel"} <= differ


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16", "float32"])
def test_precision(precision):
    model = build(NANO, f"precision={precision}", "model.binary=nothing")
    assert model.get_layer("stage1/block1/mlp/up/linear").dtype_policy.name == precision
    assert {weight.dtype for weight in model.weights} == {tf.float32}
    assert model.output.dtype == tf.float32
    assert tf.keras.mixed_precision.global_policy().name == "float32"


def test_the_policy_is_as_before():
    tf.keras.backend.set_floatx("float64")
    build(NANO, "precision=mixed_bfloat16")
    assert tf.keras.mixed_precision.global_policy().name == "float64"
    tf.keras.backend.set_floatx("float32")
    assert tf.keras.mixed_precision.global_policy().name == "float32"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """{form: (its weights, a file of them)}."""
    folder, made = tmp_path_factory.mktemp("weights"), {}
    for form in ("all", "activations", "nothing"):
        source = common.randomise(build(NANO, f"model.binary={form}"))
        made[form] = values(source), zoo.save_weights(source, folder / f"{form}.h5")
    return made


@pytest.mark.parametrize("there", ["all", "activations", "nothing"])
@pytest.mark.parametrize("here", ["all", "activations", "nothing"])
def test_weights_of_every_form(there, here, files):
    stored, path = files[there]
    loaded = values(build(NANO, f"model.binary={here}", f"model.weights={path}"))
    shared = stored.keys() & loaded.keys()
    assert all(path.endswith("probability/clip") for path in stored.keys() ^ loaded.keys())
    clips = 0 if "nothing" in (here, there) else 2
    assert sum(path.endswith("probability/clip") for path in shared) == clips
    same({p: stored[p] for p in shared}, {p: loaded[p] for p in shared})
    for path in loaded.keys() - shared:  # as at the start
        assert loaded[path] == np.float32(0.005)


@pytest.mark.parametrize(
    ("there", "here"),
    [("all", "all"), ("all", "activations"), ("all", "nothing"), ("activations", "all")],
)
def test_packed_weights_start_from_scaled_signs(there, here, files, tmp_path):
    """Unless they are spread, which leaves signs and scales as they are."""
    source = build(NANO, f"model.binary={there}", f"model.weights={files[there][1]}")
    path = zoo.save_weights(source, tmp_path / "x.safetensors")
    expected = values(source)
    for name, weight in named_weights(source).items():
        if one_bit(weight):
            expected[name] = weight.quantizer(tf.constant(expected[name])).numpy()
    assert any(map(one_bit, source.weights)) == (there == "all")
    changes = f"model.binary={here}", f"model.weights={path}"
    loaded = values(build(NANO, *changes, "model.spread_latent=false"))
    same({p: expected[p] for p in loaded}, loaded)
    model = build(NANO, *changes)
    kernels = {p for p, weight in named_weights(model).items() if one_bit(weight)}
    spread = values(model)
    moved = {p for p in spread if not np.array_equal(spread[p], loaded[p])}
    assert moved == (kernels if (there, here) == ("all", "all") else set())
    for path in moved:
        quantizer = named_weights(model)[path].quantizer
        np.testing.assert_allclose(quantizer(spread[path]), loaded[path], rtol=2e-6)


@pytest.mark.parametrize("suffix", [".h5", ".safetensors"])
def test_a_new_classifier_for_other_classes(suffix, tmp_path):
    source = build(classes=CLASSES + 2)
    path = zoo.save_weights(source, tmp_path / f"x{suffix}")
    with pytest.raises(ValueError, match="classifier/kernel"):
        build(NANO, f"model.weights={path}")
    model = build(NANO, f"model.weights={path}", "model.new_classifier=true")
    assert model.output_shape == (None, CLASSES)
    np.testing.assert_array_equal(
        values(model)["stem/projection/kernel"], values(source)["stem/projection/kernel"]
    )


def test_a_run_of_as_many_other_classes(tmp_path):
    run = write_run(tmp_path / "run", right=40)  # of a cat and a dog
    path = zoo.save_weights(build(classes=2), run / "best.h5")
    changes = f"model.weights={path}", "model.new_classifier=true", "seed=1"
    stored = read_weights(path)
    for classes, new in ((("cat", "dög"), False), (("dög", "cat"), True)):
        model = values(build(NANO, *changes, classes=classes))
        first, kernel = next(iter(stored)), "classifier/kernel"
        np.testing.assert_array_equal(model[first], stored[first])
        assert np.array_equal(model[kernel], stored[kernel]) == (not new)
    with pytest.raises(ValueError, match="other classes"):
        build(NANO, f"model.weights={path}", classes=("dög", "cat"))


def test_the_second_step_takes_the_file_of_the_first(tmp_path):
    first = common.randomise(build("reactnet_18_imagenet_step1"))
    path = zoo.save_weights(first, tmp_path / "x.h5")
    second = build("reactnet_18_imagenet_step2", f"model.weights={path}")
    same(values(first), values(second))
    zoo.load_weights(first, zoo.save_weights(second, path))


def fine_tuning(**model):
    return Recipe(
        name="mine",
        description="fine-tuning",
        epochs=1,
        model=ModelConfig(name="binaryvit_nano", **model),
        data=DataConfig(dataset="folder:images", size=(32, 64), batch_size=2),
    )


@pytest.mark.parametrize("binary", ["all", "activations"])
def test_pretrained(binary, empty_package, tmp_path):
    nano = zoo.create("binaryvit_nano", input_shape=(32, 32, 3), num_classes=10)
    path = zoo.save_weights(nano, tmp_path / "weights.safetensors")
    publish(empty_package, "binaryvit_nano_cifar10", path.read_bytes(), default=True)
    spread, loaded = (
        values(build_model(fine_tuning(pretrained="cifar10", binary=binary, **options), CLASSES))
        for options in ({}, {"spread_latent": False})
    )
    kernel, stored = "stage1/block1/mlp/up/linear/kernel", read_weights(path)
    assert (spread[kernel] != loaded[kernel]).any() == (binary == "all")
    assert loaded["classifier/kernel"].shape == (16, CLASSES)
    assert loaded["stem/position/position"].shape == (8, 16, 8)
    other = {path for path in stored if re.match("classifier|.*(position|clip)$", path)}
    same(
        {p: loaded[p] for p in loaded if p not in other},
        {p: stored[p] for p in stored.keys() - other},
    )


def test_pretrained_of_as_many_other_classes(empty_package, tmp_path, caplog):
    names = ("a", "b", "c")
    nano = zoo.create("binaryvit_nano", input_shape=(32, 32, 3), num_classes=3)
    metadata = zoo.WeightsMetadata(class_names=names)
    path = zoo.save_weights(nano, tmp_path / "weights.safetensors", metadata=metadata)
    publish(empty_package, "binaryvit_nano_abc", path.read_bytes(), dataset="abc", default=True)
    recipe = fine_tuning(pretrained="abc")
    head = nano.get_layer("classifier").bias.numpy()
    for classes, same in ((3, True), (names, True), (("a", "b", "d"), False)):
        bias = build_model(recipe, classes).get_layer("classifier").bias.numpy()
        assert (bias == head).all() == same


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model.name=binaryvit_nan", "unknown model 'binaryvit_nan'; did you mean 'binaryvit_nano"),
        ("model.options.drop=1", "unknown option of binaryvit 'drop'; did you mean 'drop_path'?"),
        ("model.options.drop_path=x", "expected model.options.drop_path to be a number; got 'x'"),
        ("model.options.affine=1", "expected model.options.affine to be true or false; got 1"),
        ("model.variant.dim=[1]", "unknown field 'model.variant.dim'; did you mean 'model.varian"),
        ("model.variant.depths=[1, x]", "expected model.variant.depths to be a list; got '.1, x"),
        ("model.variant.depths=[1]", "model.variant: dims, depths, .* an entry per stage"),
        ("model.variant.patch_size=0", "model.variant: patch_size must be a positive integer; got"),
        ("model.variant.heads=[3, 2]", "model.variant: heads must divide the width; got 3 heads"),
        ("data.size=[33, 32]", "height and width of binaryvit must be multiples of 8; got 33x32"),
        ("model.pretrained=cifar10", "pretrained weights are of binaryvit's own variants"),
        ("model.weights=nope.h5", "model.weights: no weight file at nope.h5"),
    ],
)
def test_refused(change, message):
    with pytest.raises(ValueError, match=message):
        build(NANO, change)


def test_an_architecture_without_options():
    with pytest.raises(ValueError, match="reactnet takes no options; got 'drop_path'"):
        build("reactnet_cifar10", "model.options.drop_path=0.1")


def test_weights_of_other_classes(tmp_path):
    path = zoo.save_weights(build(NANO), tmp_path / "x.h5")
    with pytest.raises(ValueError, match=r"classifier/bias: expected floats \(5,\), got .* \(3,\)"):
        build(NANO, f"model.weights={path}", classes=5)


def test_weights_of_another_model(tmp_path):
    path = zoo.save_weights(build("reactnet_cifar10"), tmp_path / "x.h5")
    with pytest.raises(ValueError, match="this is no weight file of 'binaryvit'"):
        build(NANO, f"model.weights={path}")
