"""Teachers of recipes."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from larq_bvit import zoo
from larq_bvit.train.binarity import with_binary
from larq_bvit.train.distiller import Distiller
from larq_bvit.train.recipe import DistillationConfig, TeacherConfig
from larq_bvit.train.teacher import load_teacher, teacher_digest
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.packed.metadata import Preprocessing
from tests.few_nano import few_nano
from tests.presets import publish
from tests.train.models import small
from tests.train.run_folders import write_run


@few_nano(depths=(2, 0))  # the first block is never dropped
def test_for_the_students_images_and_classes(tmp_path):
    size = {"input_shape": (32, 32, 3), "num_classes": 3}
    network = zoo.create("binaryvit_nano", **size)
    path = str(zoo.save_weights(network, tmp_path / "nano.h5"))
    student = small(size=32)
    teacher = load_teacher(DistillationConfig(teacher="binaryvit_nano", weights=path), student)
    for ours, theirs in zip(network.get_weights(), teacher.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    Distiller(student, teacher)  # they fit
    config = DistillationConfig(teacher="binaryvit_nano", weights=path, options={"drop_path": 0.1})
    assert any("drop_path" in layer.name for layer in load_teacher(config, student).layers)
    wrong = replace(config, options={"drop_pat": 0.1})
    with pytest.raises(ValueError, match="unknown option of binaryvit 'drop_pat'.*'drop_path'"):
        load_teacher(wrong, student)
    with pytest.raises(ValueError, match="distillation.options.drop_path"):
        load_teacher(replace(config, options={"drop_path": "much"}), student)
    with pytest.raises(ValueError, match="mis-shaped:\n  classifier/kernel: .* 4.*got .* 3"):
        load_teacher(config, small(size=32, classes=4))


@few_nano()
def test_by_the_name_of_a_preset(tmp_path, empty_package):
    network = zoo.create("binaryvit_nano", input_shape=(32, 32, 3), num_classes=2)
    names = zoo.WeightsMetadata(class_names=("cat", "dog"))
    packed = zoo.save_weights(network, tmp_path / "packed.safetensors", metadata=names)
    publish(empty_package, "some_cats", packed.read_bytes(), default=True)
    student = small(size=32, classes=2)
    config = DistillationConfig(teacher="binaryvit_nano", weights="some_cats")
    teacher = load_teacher(config, student, ("cat", "dog"))
    image = np.linspace(-2, 2, 32 * 32 * 3, dtype=np.float32).reshape(1, 32, 32, 3)
    logits = zoo.create(
        "binaryvit_nano", input_shape=(32, 32, 3), num_classes=2, classifier_activation=None
    )
    zoo.load_weights(logits, packed)
    np.testing.assert_array_equal(teacher(image), logits(image))
    other = replace(names, preprocessing=Preprocessing(mean=(0.5,) * 3, std=(0.5,) * 3))
    zoo.save_weights(network, tmp_path / "other.safetensors", metadata=other)
    with pytest.raises(ValueError, match="normalised as ImageNet's.*mean \\(0.5"):
        load_teacher(replace(config, weights=str(tmp_path / "other.safetensors")), student)
    with pytest.raises(ValueError, match="'dog' there, 'cow' here"):
        load_teacher(config, student, ("cat", "cow"))
    with pytest.raises(ValueError, match="at 'some_dogs': train it, .* name trained ones of"):
        load_teacher(DistillationConfig(teacher="binaryvit_nano", weights="some_dogs"), student)


def test_full_precision_twin_of_a_binary_model(tmp_path):
    binary = zoo.create("birealnet_18", input_shape=(32, 32, 3), num_classes=4)
    twin = with_binary(binary, "nothing")
    path = str(zoo.save_weights(twin, tmp_path / "twin.h5"))
    config = DistillationConfig(teacher="birealnet_18", weights=path, binary="nothing")
    teacher = load_teacher(config, small(size=32, classes=4))
    assert not any(getattr(layer, "kernel_quantizer", None) for layer in teacher.layers)
    for ours, theirs in zip(twin.get_weights(), teacher.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_of_its_own_variant(tmp_path):
    size = {"input_shape": (32, 32, 3), "num_classes": 4}
    named = zoo.create("binaryvit_nano", **size)
    narrow = {"dims": [32, 32, 64, 128], "depths": [1, 1, 1, 1]}
    plan = zoo.BinaryViTVariant(
        **narrow, heads=(1, 1, 2, 4), mlp_ratios=(4, 4, 4, 4), reductions=(4, 2, 1, 1)
    )
    network = zoo.BinaryViT(plan, **size)
    assert network.count_params() < named.count_params()
    path = str(zoo.save_weights(network, tmp_path / "narrow.h5"))
    student = small(size=32, classes=4)
    config = DistillationConfig(teacher="binaryvit_nano", weights=path, variant=narrow)
    teacher = load_teacher(config, student)
    for ours, theirs in zip(network.get_weights(), teacher.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    config = DistillationConfig(teacher="binaryvit_nano", weights=path, variant={"dim": 32})
    with pytest.raises(ValueError, match=r"distillation\.variant\.dim'.*variant\.dims"):
        load_teacher(config, student)


@few_nano()
def test_of_other_classes_as_many(tmp_path):
    def load(path, classes):
        config = DistillationConfig(teacher="binaryvit_nano", weights=str(path))
        return load_teacher(config, small(size=32, classes=2), classes)

    network = zoo.create("binaryvit_nano", input_shape=(32, 32, 3), num_classes=2)
    names = zoo.WeightsMetadata(class_names=("cat", "dög"))
    packed = zoo.save_weights(network, tmp_path / "packed.safetensors", metadata=names)
    run = write_run(tmp_path / "run", right=40)
    alone = tmp_path / "alone.h5"  # says nothing of its classes
    for path in (run / "best.h5", alone):
        zoo.save_weights(network, path)
    for path in (packed, run / "best.h5"):
        with pytest.raises(ValueError, match="1 differ:\n  'dög' there, 'dog' here"):
            load(path, ("cat", "dog"))
        with pytest.raises(ValueError, match="other classes than the data: 2 differ"):
            load(path, ("dög", "cat"))
        with pytest.raises(ValueError, match="of 2 classes; the data have 1"):
            load(path, ("cat",))
    load(packed, ("cat", "dög"))
    load(run / "best.h5", ["cat", "dög"])
    load(packed, None)
    load(alone, ("cat", "dog"))


@few_nano()
def test_two_are_one_of_the_mean_logits(tmp_path):
    size = {"input_shape": (32, 32, 3), "num_classes": 3, "classifier_activation": None}
    models = [zoo.create("binaryvit_nano", **size), zoo.create("binaryvit_nano", **size)]
    paths = [zoo.save_weights(m, tmp_path / f"{i}.h5") for i, m in enumerate(models)]
    second = TeacherConfig(teacher="binaryvit_nano", weights=str(paths[1]))
    config = DistillationConfig(teacher="binaryvit_nano", weights=str(paths[0]), second=second)
    student = small(size=32)
    teacher = load_teacher(config, student)
    images = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype("float32")
    one, other = (model(images).numpy() for model in models)
    assert np.abs(one - other).max() > 0.1
    np.testing.assert_allclose(teacher(images), (one + other) / 2, atol=1e-6)
    assert len(named_weights(teacher)) == sum(len(model.weights) for model in models)
    Distiller(student, teacher)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    assert teacher_digest(config) == "+".join(digests)
    wrong = replace(second, variant={"dim": 32})
    with pytest.raises(ValueError, match=r"distillation\.second\.variant\.dim'"):
        load_teacher(replace(config, second=wrong), student)
    paths[1].unlink()
    assert teacher_digest(config) is None
    with pytest.raises(ValueError, match=r"no weights of the teacher .*1\.h5"):
        load_teacher(config, student)


def test_no_weights():
    config = DistillationConfig(teacher="deit_small", weights="nowhere/deit.h5")
    with pytest.raises(ValueError, match="no weights of the teacher 'deit_small' at 'nowhere/dei"):
        load_teacher(config, small())
