"""Published weights by name: what is read, refused and found."""

import subprocess
import sys
from dataclasses import FrozenInstanceError, asdict

import pytest

from larq_bvit.artifacts import artifact
from larq_bvit.presets import Preset, check_new, model_for, preset_for, presets
from larq_bvit.zoo.partial_file import sha256_of
from larq_bvit.zoo.registry import ARCHITECTURES, MODELS
from tests.presets import FACTS, publish

URL = "https://example.org/weights.safetensors"


@pytest.fixture
def three(empty_package):
    """Two presets of nano, one of tiny; the architecture's default is nano's second."""
    publish(empty_package, "binaryvit_tiny_cifar10", model="binaryvit_tiny", default=True)
    publish(empty_package, "binaryvit_nano_cifar10", url=URL)
    publish(
        empty_package,
        "binaryvit_nano_tiny_imagenet",
        dataset="tiny_imagenet",
        default=True,
        architecture_default=True,
    )
    return empty_package


def test_without_any(empty_package):
    assert presets() == {}
    with pytest.raises(ValueError) as error:
        preset_for("reactnet_a", True)
    assert str(error.value) == (
        "there are no pretrained weights of 'reactnet_a' yet; models with pretrained weights: "
        "none. Use weights=PATH for a file of your own, or import_torch for a PyTorch checkpoint"
    )
    assert model_for("binaryvit", True) is None


def test_reads_all_fields(empty_package):
    publish(empty_package, "nano_of_the_test", default=True, url=URL)
    (preset,) = presets().values()
    expected = {**FACTS, "name": "nano_of_the_test", "url": URL, "input_shape": (32, 32, 3)}
    assert asdict(preset) == {**expected, "default": True, "architecture_default": False}
    assert preset.architecture == "binaryvit"
    with pytest.raises(FrozenInstanceError):
        preset.url = None


def test_sorted_by_name_and_only_files_of_this_name(three):
    other = three / "_artifacts" / "zoo" / "binaryvit_nano_cifar10" / "old_preset.toml"
    other.write_text("nonsense")
    names = ["binaryvit_nano_cifar10", "binaryvit_nano_tiny_imagenet", "binaryvit_tiny_cifar10"]
    assert list(presets()) == names
    assert [preset.name for preset in presets().values()] == names


def test_callers_can_not_change_it(three):
    presets().clear()
    assert len(presets()) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"top_1": "0.5"}, "expected top_1 to be a number; got '0.5'"),
        ({"top_1": 75.2}, "expected top_1 to be a share from 0 to 1; got 75.2"),
        ({"top_1": -0.1}, "expected top_1 to be a share from 0 to 1; got -0.1"),
        ({"images": 0}, "expected images to be positive; got 0"),
        ({"bytes": -1}, "expected bytes to be positive; got -1"),
        ({"bytes": 3.5}, "expected bytes to be an integer; got 3.5"),
        ({"num_classes": True}, "expected num_classes to be an integer; got True"),
        ({"input_shape": [32, 32]}, "expected input_shape to have 3 items; got [32, 32]"),
        ({"input_shape": [32, 0, 3]}, "expected input_shape to be positive; got (32, 0, 3)"),
        ({"sha256": "A" * 64}, f"expected sha256 to be 64 digits of 0-9a-f; got '{'A' * 64}'"),
        ({"sha256": "0" * 63}, "expected sha256 to be 64 digits"),
        ({"sha256": None}, "expected the field 'sha256'; it is missing"),
        ({"dataset": ""}, "expected dataset to be a name; got ''"),
        ({"model": "../nano"}, "expected model to be a name; got '../nano'"),
        ({"url": "file:///weights"}, "expected url to be an address of http or https; got 'file:"),
        ({"url": "https:///weights"}, "expected url to be an address of http or https"),
        ({"shape": [1]}, "unknown field 'shape'; did you mean 'input_shape'"),
        ({"name": "other"}, "expected name to be that of its folder; got 'other'"),
        (
            {"default": False, "architecture_default": True},
            "expected default = true where architecture_default is; got false",
        ),
    ],
)
def test_refuses_what_is_wrong(empty_package, changes, message):
    folder = publish(empty_package, "nano", **{"default": True, **changes})
    with pytest.raises(ValueError) as error:
        presets()
    assert str(error.value).startswith(f"{folder / 'preset.toml'}: ")
    assert message in str(error.value)


def test_refuses_what_is_no_toml(empty_package):
    file = publish(empty_package, "nano", default=True) / "preset.toml"
    file.write_text("model =")
    with pytest.raises(ValueError, match="preset.toml is not a TOML file: .*end of document"):
        presets()


@pytest.mark.parametrize("defaults", [(False, False), (True, True)])
def test_refuses_models_without_one_default(empty_package, defaults):
    for name, default in zip(("a", "b"), defaults, strict=True):
        publish(empty_package, name, default=default)
    with pytest.raises(ValueError) as error:
        presets()
    expected = "expected one preset.toml of 'binaryvit_nano' with default = true; got"
    assert str(error.value) == f"{expected} {sum(defaults)} among a, b"


def test_refuses_architectures_with_two_defaults(empty_package):
    for model in ("binaryvit_nano", "binaryvit_tiny", "reactnet_a"):
        publish(empty_package, model, model=model, default=True, architecture_default=True)
    message = "expected at most one preset.toml of 'binaryvit' with architecture_default = true;"
    with pytest.raises(ValueError, match=f"{message} got 2"):
        presets()


@pytest.mark.parametrize(
    ("model", "pretrained", "name"),
    [
        ("binaryvit_nano", True, "binaryvit_nano_tiny_imagenet"),
        ("binaryvit_nano", "cifar10", "binaryvit_nano_cifar10"),
        ("binaryvit_nano", "tiny_imagenet", "binaryvit_nano_tiny_imagenet"),
        ("binaryvit_nano", "binaryvit_nano_cifar10", "binaryvit_nano_cifar10"),
        ("binaryvit_tiny", True, "binaryvit_tiny_cifar10"),
        ("binaryvit_tiny", "cifar10", "binaryvit_tiny_cifar10"),
    ],
)
def test_finds(three, model, pretrained, name):
    assert preset_for(model, pretrained) is presets()[name]


@pytest.mark.parametrize(
    ("model", "pretrained", "messages"),
    [
        ("binaryvit_nano", "cifar100", ["did you mean 'cifar10'", "nano_cifar10 (cifar10), bin"]),
        (
            "binaryvit_tiny",
            "imagenet",
            [
                "unknown pretrained weights of 'binaryvit_tiny' (there are binaryvit_tiny_cifar10 "
                "(cifar10)): 'imagenet'; known: cifar10, binaryvit_tiny_cifar10",
            ],
        ),
        ("binaryvit_tiny", "binaryvit_nano_cifar10", ["are weights of 'binaryvit_nano'; 'bin"]),
        ("reactnet_a", True, ["with pretrained weights: binaryvit_nano, binaryvit_tiny. Use"]),
        ("binaryvit_nano", "", ["(tiny_imagenet)): ''; known: cifar10, tiny_imagenet, bin"]),
        ("binaryvit_nano", None, ["pretrained must be True, a data set or the name of a preset"]),
        ("binaryvit_nano", 1, ["the name of a preset; got 1"]),
        ("binaryvit_nano", False, ["the name of a preset; got False"]),
    ],
)
def test_says_what_there_is(three, model, pretrained, messages):
    with pytest.raises(ValueError) as error:
        preset_for(model, pretrained)
    assert all(message in str(error.value) for message in messages), error.value


def test_a_data_set_that_several_have_needs_a_name(empty_package):
    publish(empty_package, "binaryvit_nano_cifar10", default=True)
    publish(empty_package, "binaryvit_nano_cifar10_distilled")
    with pytest.raises(ValueError) as error:
        preset_for("binaryvit_nano", "cifar10")
    assert str(error.value).endswith(
        "of 'cifar10': give 'binaryvit_nano_cifar10' or 'binaryvit_nano_cifar10_distilled'"
    )
    assert preset_for("binaryvit_nano", "binaryvit_nano_cifar10_distilled").dataset == "cifar10"


@pytest.mark.parametrize(
    ("architecture", "pretrained", "model"),
    [
        ("binaryvit", True, "binaryvit_nano"),
        ("binaryvit", "cifar10", "binaryvit_nano"),
        ("binaryvit", "binaryvit_tiny_cifar10", "binaryvit_tiny"),
        ("reactnet", "binaryvit_tiny_cifar10", None),
        ("reactnet", True, None),
    ],
)
def test_model_of_an_architecture(three, architecture, pretrained, model):
    assert model_for(architecture, pretrained) == model


def test_a_data_set_that_the_default_has_not_seen_means_the_best_that_has(three):
    publish(three, "a", model="binaryvit_tiny", dataset="svhn", top_1=0.6)
    publish(three, "b", model="binaryvit_small", dataset="svhn", top_1=0.7, default=True)
    assert model_for("binaryvit", "svhn") == "binaryvit_small"
    assert model_for("binaryvit", "tiny_imagenet") == "binaryvit_nano"
    assert model_for("binaryvit", "unknown") == "binaryvit_nano"


def new(**changes):
    facts = {**FACTS, "input_shape": (32, 32, 3), "name": "new", **changes}
    return Preset(**facts)


def test_a_new_one_that_fits(three):
    check_new(new())
    check_new(new(model="reactnet_a", default=True, architecture_default=True))
    check_new(new(model="binaryvit_small", default=True))
    # the same again, in its place
    check_new(new(name="binaryvit_tiny_cifar10", model="binaryvit_tiny", default=True))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "reactnet_a"}, "the first weights of 'reactnet_a' to be its default ones"),
        ({"default": True}, "expected default in one preset.toml; it is in that of binaryvit_na"),
        (
            {"model": "binaryvit_small", "default": True, "architecture_default": True},
            "expected architecture_default in one preset.toml; it is in that of bina",
        ),
    ],
)
def test_a_new_one_that_does_not_fit(three, changes, message):
    with pytest.raises(ValueError, match=message):
        check_new(new(**changes))


def test_architectures_have_names_of_one_word():
    assert all("_" not in architecture.name for architecture in ARCHITECTURES)
    for name, (architecture, _) in MODELS.items():
        facts = {**FACTS, "input_shape": (32, 32, 3), "model": name, "name": name}
        assert Preset(**facts).architecture == architecture.name


def test_published_presets_are_of_models_and_their_files_are_whole():
    for name, preset in presets().items():
        assert preset.model in MODELS, name
        file = artifact("zoo", name) / "weights.safetensors"
        if preset.url is not None and not file.exists():
            continue
        assert (file.stat().st_size, sha256_of(file)) == (preset.bytes, preset.sha256), name


def test_needs_no_tensorflow():
    code = (
        "import sys; from larq_bvit.presets import presets; presets(); print(sorted(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "'larq_bvit.presets'" in result.stdout
    assert all(f"'{name}'" not in result.stdout for name in ("tensorflow", "numpy", "requests"))
