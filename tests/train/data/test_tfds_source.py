"""Data sets of TensorFlow Datasets: splits, formats, errors."""

from types import SimpleNamespace

import pytest

tfds = pytest.importorskip("tensorflow_datasets")

from larq_bvit.train.data import tiny_imagenet as module  # noqa: E402
from larq_bvit.train.data.tfds_source import TfdsSource, tfds_source  # noqa: E402


@pytest.fixture
def data_dir(tiny_imagenet, tmp_path):
    module.TinyImagenet(
        archive=str(tiny_imagenet), data_dir=tmp_path / "data"
    ).download_and_prepare(file_format="array_record")
    return str(tmp_path / "data")


def opened(data_dir, split, name="tiny_imagenet", memory=0):
    return tfds_source(name, split, data_dir=data_dir, manual_dir=None, memory=memory)


def content(source):
    return [source[index] for index in range(len(source))]


def test_slices_and_versions(data_dir):
    everything = content(opened(data_dir, "train"))
    assert content(opened(data_dir, "train[:75%]")) == everything[:9]
    assert content(opened(data_dir, "train[9:]", name="tiny_imagenet:1.*.*")) == everything[9:]
    both = opened(data_dir, "train[:2]+validation")
    assert len(both) == 7 and content(both)[:2] == everything[:2]
    assert content(opened(data_dir, "evaluation")) == content(opened(data_dir, "validation"))
    assert opened(data_dir, "train").name(3).startswith("tiny_imagenet/1.0.0:train[3] n")
    whole, half = opened(data_dir, "train"), opened(data_dir, "train[:50%]")
    assert half.nbytes == pytest.approx(whole.nbytes / 2, abs=1)


def test_other_formats_are_read_in_memory_or_refused(data_dir, tiny_imagenet, tmp_path):
    other = tmp_path / "records"
    builder = module.TinyImagenet(archive=str(tiny_imagenet), data_dir=other)
    builder.download_and_prepare(file_format="tfrecord")
    assert sorted(content(opened(str(other), "train", memory=10**6))) == sorted(
        content(opened(data_dir, "train"))
    )
    with pytest.raises(ValueError, match="stored as tfrecord.* memory=10 bytes.*convert_format"):
        opened(str(other), "train", memory=10)


def test_unknown_splits_and_data_sets(data_dir):
    for split in ("test", "train[:"):
        with pytest.raises(ValueError, match="has no split .*; known: train, validation"):
            opened(data_dir, split)
    with pytest.raises(tfds.core.registered.DatasetNotFoundError):
        opened(data_dir, "train", name="no_such_dataset")


@pytest.mark.parametrize("keys", [None, ("image", "id"), ("image",)])
def test_only_images_with_one_label(keys):
    features = {"image": tfds.features.Image(), "id": tfds.features.Text()}
    info = SimpleNamespace(supervised_keys=keys, features=features, full_name="texts/1.0.0")
    with pytest.raises(ValueError, match="images with one label each; texts/1.0.0 has .*'id'"):
        TfdsSource(SimpleNamespace(info=info), "train", 0)


def test_files_that_are_missing(data_dir, monkeypatch):
    """As ImageNet's, which nobody may download for the user."""

    def fail(*_, **__):
        raise AssertionError("Manual directory /a does not exist or is empty.")

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", fail)
    words = "can't prepare imagenet2012: Manual directory /a does not exist.*\n.*data.manual_dir"
    with pytest.raises(ValueError, match=words):
        opened(data_dir, "train", name="imagenet2012")


def test_splits_without_labels(data_dir, monkeypatch):
    examples = [{"image": b"", "label": -1}]
    monkeypatch.setattr(TfdsSource, "_open", lambda *_: examples)
    with pytest.raises(ValueError, match="those of tiny_imagenet/1.0.0:train have no labels"):
        opened(data_dir, "train")
