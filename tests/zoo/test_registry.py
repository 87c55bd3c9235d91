"""The models' names, what they are matched by, how large the models are."""

import numpy as np
import pytest

from larq_bvit import zoo
from larq_bvit.zoo.registry import register
from larq_bvit.zoo.torch_names import UNUSED
from tests.golden import recipe
from tests.model_table import profile_of
from tests.presets import publish

# trainable parameters, at 224x224 and for 1,000 classes
MODELS = {
    "binaryvit_nano": 2_275_950,
    "binaryvit_small": 22_491_771,
    "binaryvit_small_fp_down": 22_488_635,
    "binaryvit_tiny": 8_071_028,
    "birealnet_18": 11_689_512,
    "birealnet_34": 21_797_672,
    "birealnet_50": 25_729_064,
    "deit_small": 22_050_664,
    "reactdeit_small": 22_294_900,
    "reactdeit_small_avg_pool": 22_294_132,
    "reactdeit_small_layer_scale": 22_349_428,
    "reactdeit_small_multi_branch": 22_330_996,
    "reactnet_18": 11_704_424,
    "reactnet_a": 29_343_592,
    "reactnet_b": 28_818_824,
    "reactnet_c": 29_342_600,
}


def test_names():
    assert zoo.list_models() == sorted(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_parameters(name):
    assert profile_of(name).trainable_parameters == MODELS[name]


@pytest.mark.parametrize("name", recipe.NAMES)
def test_parameters_are_those_of_the_published_code(name):
    golden = recipe.load(name)
    state = zip(golden["keys"], golden["shapes"], strict=True)
    sizes = {str(key): np.prod([int(n) for n in shape.split(",") if n]) for key, shape in state}
    buffers = ("running_mean", "running_var", "num_batches_tracked")
    trained = [sizes[k] for k in sizes if not k.endswith(buffers) and k not in UNUSED]
    assert sum(trained) == MODELS[name]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("fp_down", ["binaryvit_small_fp_down"]),
        ("reactnet_?", ["reactnet_a", "reactnet_b", "reactnet_c"]),
        ("birealnet_*", ["birealnet_18", "birealnet_34", "birealnet_50"]),
        ("*_[18]8", ["birealnet_18", "reactnet_18"]),
        ("BiRealNet", ["birealnet_18", "birealnet_34", "birealnet_50"]),
        ("ReActNet_?", ["reactnet_a", "reactnet_b", "reactnet_c"]),
        ("resnet", []),
        ("small*", []),
    ],
)
def test_filter(pattern, names):
    assert zoo.list_models(pattern) == names


def test_nothing_is_pretrained(empty_package):
    assert zoo.list_models(pretrained=True) == zoo.list_presets() == []
    with pytest.raises(ValueError, match="no pretrained weights of 'reactnet_a' yet"):
        zoo.create("reactnet_a", pretrained=True)


def test_pretrained(empty_package):
    models = {"tiny_1": "binaryvit_tiny", "nano_2": "binaryvit_nano", "later": "of_a_later_release"}
    for name, model in models.items():
        publish(empty_package, name, model=model, default=True)
    publish(empty_package, "nano_1", dataset="other")
    assert zoo.list_models(pretrained=True) == ["binaryvit_nano", "binaryvit_tiny"]
    assert zoo.list_models("*tiny", pretrained=True) == ["binaryvit_tiny"]
    assert zoo.list_models("reactnet", pretrained=True) == []
    assert zoo.list_presets() == ["later", "nano_1", "nano_2", "tiny_1"]
    assert zoo.list_presets("nano") == zoo.list_presets("nano_?") == ["nano_1", "nano_2"]


def test_create_passes_arguments_on():
    arguments = {"input_shape": (32, 64, 1), "num_classes": 3, "classifier_activation": None}
    model = zoo.create("birealnet_18", **arguments)
    assert model.name == "birealnet_18"
    assert model.input_shape == (None, 32, 64, 1) and model.output_shape == (None, 3)
    assert model.get_layer("prediction").activation.__name__ == "linear"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("binaryvit_smal", "unknown model 'binaryvit_smal'; did you mean 'binaryvit_small' or"),
        ("reacnet_a", "did you mean 'reactnet_a'"),
        ("", "known: binaryvit_nano, binaryvit_small"),
        (None, "unknown model None; known: "),
    ],
)
def test_unknown_names(name, message):
    with pytest.raises(ValueError, match=message):
        zoo.create(name)


def test_refuses_two_models_of_one_name():
    with pytest.raises(ValueError, match="two models are called 'binaryvit_small'"):
        register([zoo.DeiT, zoo.BinaryViT, zoo.BinaryViT])
