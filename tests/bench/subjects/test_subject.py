"""What names mean."""

import pytest
import tensorflow as tf

from larq_bvit.bench.results import Accuracy
from larq_bvit.bench.subjects.precision import float_tflite
from larq_bvit.bench.subjects.subject import Making, all_subjects, distinct, subject
from larq_bvit.cli.catalog import CATALOG
from larq_bvit.presets import preset_for, presets


def of(text, **making):
    return subject(text, CATALOG, Making(**making))


DEFAULT = preset_for("binaryvit_nano", True)


@pytest.mark.parametrize(
    ("text", "preset"),
    [
        ("binaryvit_nano_cifar10", presets()["binaryvit_nano_cifar10"]),
        ("binaryvit_nano", DEFAULT),
        ("BinaryViTnano", DEFAULT),
    ],
)
def test_published_weights_bring_size_and_accuracy(text, preset):
    found = of(text)
    assert found.accuracy == Accuracy(preset.top_1, 10_000, preset.dataset)
    side = preset.input_shape[0]
    assert f"at {side}x{side}, {preset.num_classes} classes, weights {preset.name}" in found.about
    assert of(text, size=(96, 96)).accuracy is None


def test_a_twin_has_the_size_and_no_accuracy():
    twin = of("binaryvit_nano:float32")
    assert twin.name == "binaryvit_nano:float32" and twin.accuracy is None
    side, classes = DEFAULT.input_shape[0], DEFAULT.num_classes
    assert f"at {side}x{side}, {classes} classes, random weights, in float32" in twin.about


def test_what_it_is_measured_against_has_its_size():
    def sizes(*models, size=None):
        found = all_subjects(models, ["deit_small:int8"], CATALOG, Making(size=size))
        return [each.size for each in found]

    assert sizes("binaryvit_small") == [(64, 64)] * 2
    assert sizes("binaryvit_small", "binaryvit_tiny") == [(64, 64)] * 3
    assert sizes("reactnet_c") == [(224, 224)] * 2
    assert sizes("binaryvit_small", size=(96, 128)) == [(96, 128)] * 2
    assert sizes("binaryvit_small", "reactnet_c") == [(64, 64), (224, 224), (224, 224)]


def test_what_a_file_is_measured_against_has_its_size(tmp_path):
    def sizes(*shapes):
        paths = []
        for i, shape in enumerate(shapes):
            model = tf.keras.Sequential([tf.keras.Input(shape), tf.keras.layers.Flatten()])
            paths.append(tmp_path / f"{i}.tflite")
            paths[-1].write_bytes(float_tflite(model))
        found = all_subjects(map(str, paths), ["resnet18"], CATALOG, Making())
        return found[-1].size

    assert sizes((48, 64, 3)) == sizes((48, 64, 3), (48, 64, 3)) == (48, 64)
    assert sizes((48, 64, 3), (64, 64, 3)) == sizes((48, 3)) == (224, 224)
    (tmp_path / "damaged.tflite").write_bytes(b"damaged")
    found = all_subjects([str(tmp_path / "damaged.tflite")], ["resnet18"], CATALOG, Making())
    assert found[-1].size == (224, 224)


def test_a_baseline_stays_one_however_it_is_spelled():
    found = all_subjects(["binaryvit_small", "resnet_18"], ["resnet18"], CATALOG, Making((64, 64)))
    assert [(each.name, each.baseline) for each in found] == [
        ("binaryvit_small", False),
        ("resnet_18", True),
    ]


def test_names_go_without_underscores():
    assert of("resnet18:int8").name == "resnet_18:int8"
    assert of("resnet18").about.endswith("random weights, in float32")
    assert "64 parts of the photograph" in of("resnet18:int8").about


def test_8_bits_of_other_images_are_other_files(tmp_path):
    folders = [tmp_path / name / "images" for name in ("ours", "theirs")]
    for size, folder in enumerate(folders):
        folder.mkdir(parents=True)
        (folder / "0.png").write_bytes(bytes(size))
    ours, theirs = (of("resnet18:int8", images=folder, count=1) for folder in folders)
    assert ours.about == theirs.about and ours.content != theirs.content
    ours, theirs = (of("resnet18:dynamic", images=folder, count=1) for folder in folders)
    assert ours.content == theirs.content  # it takes no ranges of images


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("binaryvit_nanno", "did you mean 'binaryvit_nano'"),
        ("binaryvit_nano:int4", "unknown precision 'int4'"),
        ("deit_small:binary", "full-precision model: expected float32"),
        ("missing.tflite", "no file missing.tflite"),
        ("", "unknown model ''"),
    ],
)
def test_what_is_not_there(text, match):
    with pytest.raises(ValueError, match=match):
        of(text)


def test_files_of_the_same_name(tmp_path):
    paths = [tmp_path / folder / "m.tflite" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(b"")
    found = distinct([of(str(path)) for path in (*paths, paths[0])])
    assert [s.name for s in found] == ["m", "m_2"] and [s.path for s in found] == paths
