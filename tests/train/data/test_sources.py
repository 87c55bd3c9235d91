"""Names of data sets."""

import pytest

from larq_bvit.train import DataConfig
from larq_bvit.train.data import sources
from larq_bvit.train.data.sources import open_source, open_sources
from tests.train.data.common import write_image


def config(dataset, **changes):
    return DataConfig(dataset=dataset, size=(8, 8), batch_size=2, **changes)


def test_folders(folder):
    train, evaluation = open_sources(config(f"folder:{folder}"))
    assert (len(train), len(evaluation)) == (24, 9)
    # without a split of its own, evaluation is not the training images
    train, evaluation = open_sources(config(f"folder:{folder}:train"))
    assert (len(train), len(evaluation)) == (24, 9)
    train, evaluation = open_sources(
        config(f"folder:{folder}:val", evaluation=f"folder:{folder}/train:all")
    )
    assert (len(train), len(evaluation)) == (9, 24)


def test_a_colon_in_a_path(tmp_path):
    write_image(tmp_path / "c:images" / "a" / "x.jpg")
    assert len(open_source(f"folder:{tmp_path}/c:images", "all", config("x"))) == 1


@pytest.mark.parametrize(
    "spec, split, expected",
    [
        ("cifar10", "train", ("cifar10", "train")),
        ("cifar10", "evaluation", ("cifar10", "evaluation")),
        ("cifar10/3.*.*:train[:90%]", "train", ("cifar10:3.*.*", "train[:90%]")),
        ("cifar10:3.0.2", "train", ("cifar10:3.0.2", "train")),
        (
            "imagenet_resized/64x64:train[10:20]+test",
            "x",
            ("imagenet_resized/64x64", "train[10:20]+test"),
        ),
    ],
)
def test_names_of_tensorflow_datasets(spec, split, expected, monkeypatch):
    calls = []
    monkeypatch.setattr(
        sources, "tfds_source", lambda *names, **options: calls.append((names, options))
    )
    open_source(spec, split, config(spec, data_dir="d", manual_dir="m", memory=7))
    assert calls == [(expected, {"data_dir": "d", "manual_dir": "m", "memory": 7})]


def test_classes_must_agree(folder, tmp_path):
    write_image(tmp_path / "other" / "n01" / "x.jpg")
    write_image(tmp_path / "other" / "dog" / "x.jpg")
    with pytest.raises(ValueError, match="same classes .* got 3 and 2, not in both: dog, n02, n10"):
        open_sources(config(f"folder:{folder}", evaluation=f"folder:{tmp_path}/other:all"))


def test_no_evaluation_on_training_images(folder):
    spec = f"folder:{folder}/train:all"
    with pytest.raises(ValueError, match="trains on all images: expected data.evaluation to name"):
        open_sources(config(spec))
    train, evaluation = open_sources(config(spec, evaluation=f"folder:{folder}/val:all"))
    assert (len(train), len(evaluation)) == (24, 9)


def test_what_is_no_name():
    with pytest.raises(ValueError, match=r"expected NAME\[/VERSION\]\[:SPLIT\] .*; got ':train'"):
        open_source(":train", "train", config("x"))
