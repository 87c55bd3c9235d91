"""Which model and which weights a command means."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.cli.any_model import is_file
from larq_bvit.cli.choice import Choice, choose, default_choice
from larq_bvit.cli.finetune import _start
from larq_bvit.train.build import build_model
from larq_bvit.train.model_variant import model_variant
from larq_bvit.train.recipes import load_recipe
from larq_bvit.zoo.images import MEAN, STD
from larq_bvit.zoo.registry import MODELS
from tests.presets import publish
from tests.train.run_folders import write_run

pytestmark = pytest.mark.usefixtures("few_nano")


@pytest.fixture
def published(empty_package):
    publish(empty_package, "binaryvit_nano_cifar10", default=True)
    publish(empty_package, "binaryvit_nano_cats", dataset="cats", num_classes=2)
    return empty_package


def test_model_without_weights(empty_package):
    choice = choose("reactnet_18")
    assert choice.random and choice.origin is None and choice.class_names() is None
    assert choice.size(None) == (224, 224) and choice.classes == 1000


def test_name_of_weights(published):
    choice = choose("binaryvit_nano_cats")
    assert (choice.model, choice.origin) == ("binaryvit_nano", "binaryvit_nano_cats")
    assert not choice.random and choice.classes == 2
    assert choice.size(None) == (32, 32) and choice.size("64x96") == (64, 96)


def test_a_model_means_its_weights(published, tmp_path):
    choice = choose("binaryvit_nano")
    assert choice.origin == "binaryvit_nano_cifar10" and choice.size(None) == (32, 32)
    file = tmp_path / "nano.h5"
    assert choose("binaryvit_nano", file).origin == str(file)
    architecture = choose("binaryvit_nano", trained=False)
    assert architecture.random and architecture.size(None) == (224, 224)


def test_default(empty_package, tmp_path):
    assert default_choice(None) == choose("binaryvit_small")
    flags = {"default": True, "architecture_default": True}
    publish(empty_package, "binaryvit_nano_cifar10", **flags)
    assert default_choice(None).origin == "binaryvit_nano_cifar10"
    assert default_choice(tmp_path / "my.h5").model == "binaryvit_small"


def test_bad_names(published, tmp_path):
    with pytest.raises(ValueError, match="did you mean 'binaryvit_nano_cats'"):
        choose("binaryvit_nano_cat")
    with pytest.raises(ValueError, match="are weights already; got --weights .*my.h5, too"):
        choose("binaryvit_nano_cats", tmp_path / "my.h5")
    with pytest.raises(ValueError, match="'binaryvit_nano_cats' have 2 classes; got 3 class names"):
        choose("binaryvit_nano_cats").check(["a", "b", "c"])


def test_weights_of_a_run(tmp_path):
    run = write_run(tmp_path / "run", ["data.size=[32,64]"], right=40)
    choice = choose("binaryvit_nano", run / "best.h5")
    assert (choice.classes, choice.size(None)) == (2, (32, 64))
    assert choice.class_names() == ["cat", "dög"]
    assert default_choice(run / "best.h5") == choice
    with pytest.raises(ValueError, match="best.h5 is of binaryvit_nano; got the model reactnet_18"):
        choose("reactnet_18", run / "best.h5")


def test_weights_of_a_run_are_those_of_its_model(tmp_path):
    changes = ["model.variant.depths=[1,1]", "model.variant.reductions=[4,1]"]
    run = write_run(tmp_path / "run", [*changes, "model.binary='nothing'"], right=40)
    trained = build_model(load_recipe(run / "recipe.toml"), 2)
    zoo.save_weights(trained, run / "best.h5")
    choice = default_choice(run / "best.h5")
    assert choice == choose("binaryvit_nano", run / "best.h5")
    model = choice.build(logits=True)
    image = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype(np.float32)
    assert np.array_equal(model(image), trained(image))


def test_a_run_is_a_model_by_its_folder_or_its_weights(tmp_path, nano_weights):
    run = write_run(tmp_path / "run", right=40)
    with pytest.raises(ValueError, match="unknown model"):
        choose(str(run))  # before its first epoch
    (run / "best.h5").write_bytes(nano_weights.read_bytes())
    choice = choose("binaryvit_nano", run / "best.h5")
    assert choice.class_names() == ["cat", "dög"]
    for text in (str(run), str(run / "best.h5")):
        assert choose(text) == choice and not is_file(text)
        with pytest.raises(ValueError, match="are weights already"):
            choose(text, nano_weights)
    with pytest.raises(ValueError, match="does not say of which model it is: give the model's"):
        choose(str(nano_weights))
    assert is_file(str(nano_weights))  # or a whole model


@pytest.fixture
def packed(empty_package, nano, tmp_path):
    """A file of one's own."""
    names = tuple(f"animal {i}" for i in range(10))
    metadata = zoo.WeightsMetadata(class_names=names)
    return zoo.save_weights(nano, tmp_path / "mine.safetensors", metadata=metadata)


def test_a_packed_file_says_what_it_is_of(packed):
    for choice in (
        default_choice(packed),
        choose(str(packed)),
        choose("binaryvit_nano", packed),
    ):
        assert (choice.model, choice.origin) == ("binaryvit_nano", str(packed))
        assert choice.size(None) == (32, 32) and choice.size("64") == (64, 64)
        assert choice.classes == choice.known_classes == 10 and not choice.random
        assert choice.class_names() == choice.shown_names() == [f"animal {i}" for i in range(10)]
    with pytest.raises(ValueError, match="mine.safetensors' have 10 classes; got 2 class names"):
        default_choice(packed).check(["a", "b"])
    with pytest.raises(ValueError, match="are weights already; got --weights x.h5, too"):
        choose(str(packed), "x.h5")


def test_a_packed_file_that_says_nothing(nano, tmp_path):
    file = zoo.save_weights(
        tf.keras.Model(nano.input, nano.output, name="mine"), tmp_path / "x.safetensors"
    )
    choice = choose("binaryvit_nano", file)
    assert choice.class_names() is None and choice.shown_names() == [str(i) for i in range(10)]
    with pytest.raises(ValueError, match="of which model of the zoo it is; got None: give the mod"):
        default_choice(file)
    with pytest.raises(ValueError, match="no weight file at .*y.safetensors"):
        default_choice(tmp_path / "y.safetensors")


@pytest.mark.parametrize("model", ["binaryvit_nano", "reactnet_18"])
def test_weights_of_a_variant_of_ones_own(model, tmp_path):
    architecture, name = MODELS[model]
    field = {"heads": (2, 2)} if model == "binaryvit_nano" else {"depths": (1, 0, 0, 0)}
    own = architecture(
        replace(architecture.variants[name], **field), input_shape=(32, 32, 3), num_classes=3
    )
    choice = default_choice(zoo.save_weights(own, tmp_path / "x.safetensors"))
    assert (choice.model, choice.classes, choice.random) == (architecture.name, 3, False)
    image = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype(np.float32)
    assert np.array_equal(choice.build()(image), own(image))
    tuned = load_recipe("finetune", _start(str(choice.weights)).changes)
    assert model_variant(tuned.model.name, tuned.model.variant)[1] == own.variant


def test_an_h5_file_says_how_many_classes_it_has(nano, tmp_path):
    file = zoo.save_weights(nano, tmp_path / "x.h5")
    choice = choose("binaryvit_nano", file)
    assert choice.known_classes == 10 and choice.shown_names() == [str(i) for i in range(10)]
    assert choice.build(size=(32, 32)).output_shape == (None, 10)
    run = write_run(tmp_path / "run", ["data.size=[32,32]"])  # not evaluated yet
    choice = default_choice(zoo.save_weights(nano, run / "best.h5"))
    assert choice.known_classes == 10 and choice.build().output_shape == (None, 10)


def test_a_thousand_classes_of_another_data_set_have_no_names():
    for dataset, expected in (("faces", [str(i) for i in range(1000)]), ("imagenet2012", None)):
        metadata = zoo.WeightsMetadata(num_classes=1000, dataset=dataset)
        assert Choice("reactnet_18", "x.safetensors", metadata=metadata).shown_names() == expected


def test_another_normalization(nano, tmp_path):
    given = zoo.WeightsMetadata(preprocessing={"mean": [0.5] * 3, "std": [0.25] * 3})
    choice = default_choice(zoo.save_weights(nano, tmp_path / "x.safetensors", metadata=given))
    with pytest.raises(ValueError, match=r"normalised as ImageNet's; .*x.safetensors are of mean"):
        choice.check_normalization()
    usual = zoo.WeightsMetadata(preprocessing={"mean": MEAN, "std": STD})
    choice = default_choice(zoo.save_weights(nano, tmp_path / "x.safetensors", metadata=usual))
    choice.check_normalization()


def test_builds_and_names(empty_package, nano, tmp_path):
    names = tuple(f"animal {i}" for i in range(10))
    metadata = zoo.WeightsMetadata(class_names=names)
    file = zoo.save_weights(nano, tmp_path / "nano.safetensors", metadata=metadata)
    publish(empty_package, "binaryvit_nano_cifar10", file.read_bytes(), default=True)
    choice = choose("binaryvit_nano_cifar10")
    assert choice.class_names() == list(names)
    model = choice.build(logits=True)
    assert model.input_shape == (None, 32, 32, 3) and model.output_shape == (None, 10)
    again = zoo.save_weights(model, tmp_path / "again.safetensors", metadata=metadata)
    assert again.read_bytes() == file.read_bytes()


def test_other_channels(tmp_path):
    model = zoo.create("binaryvit_nano", input_shape=(32, 64, 1), num_classes=3)
    choice = default_choice(zoo.save_weights(model, tmp_path / "grey.safetensors"))
    assert choice.channels == 1 and choice.build().input_shape == (None, 32, 64, 1)
    with pytest.raises(ValueError, match=r"of RGB images; .*grey.safetensors are of .* 1 channels"):
        choice.check_normalization()
