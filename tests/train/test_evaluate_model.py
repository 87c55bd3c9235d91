"""Evaluation on a data set."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.data.config import DataConfig
from larq_bvit.train.data.load import load_data
from larq_bvit.train.evaluate_model import evaluate
from larq_bvit.train.evaluation_data import evaluation_data
from tests.train.data.common import write_image
from tests.train.models import small

CLASSES = ("n01", "n02", "n10")


@pytest.fixture
def folder(tmp_path):
    """`train` with 4 images of each of 3 classes, `val` with 5."""
    for split, count in (("train", 4), ("val", 5)):
        for label, name in enumerate(CLASSES):
            for k in range(count):
                write_image(tmp_path / "images" / split / name / f"{k}.png", seed=10 * label + k)
    return tmp_path / "images"


def config(folder, **options):
    return DataConfig(dataset=f"folder:{folder}", **{"size": (8, 8), "batch_size": 4, **options})


@pytest.mark.parametrize("activation", [None, "softmax"])
def test_against_keras(folder, activation):
    data, model, seen = load_data(config(folder)), small(activation=activation), []
    result = evaluate(model, data, seen.append)
    assert seen == [4, 8, 12, 15] and result.images == 15
    loss = tf.keras.losses.CategoricalCrossentropy(from_logits=activation is None)
    model.compile("sgd", loss, metrics=["accuracy"])
    expected = model.evaluate(data.evaluation(), verbose=0)
    assert [result.cross_entropy, result.top_1.value] == pytest.approx(expected, rel=1e-5)
    best = np.concatenate([model(x).numpy().argmax(1) for x, _ in data.evaluation()])
    labels = np.repeat(np.arange(3), 5)
    confusion = [[np.sum((labels == i) & (best == j)) for j in range(3)] for i in range(3)]
    np.testing.assert_array_equal(result.confusion, confusion)
    assert result.classes == CLASSES and result.corrupt == ()


def test_classes_go_by_their_names(folder, caplog):
    data, model = load_data(config(folder)), small()
    by_number = evaluate(model, data).confusion
    model.class_names = ("n10", "n01", "n02")
    by_name = evaluate(model, data)
    np.testing.assert_array_equal(by_name.confusion, by_number[:, [1, 2, 0]])
    assert by_name.classes == CLASSES
    # TensorFlow may count tracings of earlier tests
    assert not [record for record in caplog.records if record.name.startswith("larq_bvit")]
    model.class_names = ("n01", "n2", "n10")
    np.testing.assert_array_equal(evaluate(model, data).confusion, by_number)
    assert "by number: 1 of 3 have other names, as 'n2' of the model, 'n02' of" in caplog.text


def test_workers_share_the_images(folder):
    whole = evaluate(small(), load_data(config(folder)))
    parts = [evaluate(small(), load_data(config(folder, shard=(k, 2)))) for k in range(2)]
    assert [part.images for part in parts] == [8, 7]
    np.testing.assert_array_equal(parts[0].confusion + parts[1].confusion, whole.confusion)


def test_corrupt_images_are_reported_up_to_the_limit(folder):
    for name in ("n01/2.png", "n10/0.png"):
        (folder / "val" / name).write_bytes(b"no image")
    data = load_data(config(folder, max_corrupt=2))
    for _ in range(2):  # the second time they are known
        result = evaluate(small(), data)
        assert result.images == 13 and len(result.corrupt) == 2
    assert "2.png" in result.corrupt[0] and "0.png" in result.corrupt[1]
    message = r"^expected at most max_corrupt=1 corrupt images; got 2: .*2\.png .*0\.png [^\n]*$"
    with pytest.raises(ValueError, match=message):
        evaluate(small(), load_data(config(folder, max_corrupt=1)))


def test_what_does_not_fit(folder):
    data = load_data(config(folder))
    with pytest.raises(ValueError, match="model has 4 classes, the data 3: n01, n02, n10$"):
        evaluate(small(classes=4), data)
    with pytest.raises(ValueError, match="model's size 9x9; the data has 8x8"):
        evaluate(small(size=9), data)


def test_evaluation_data_needs_no_training_images(folder):
    options = config(folder, batch_size=100)  # more than there are to train on
    result = evaluate(small(), evaluation_data(options))
    np.testing.assert_array_equal(
        result.confusion, evaluate(small(), load_data(config(folder))).confusion
    )
    alone = evaluate(
        small(), evaluation_data(config(folder / "val", evaluation=f"folder:{folder}/val:all"))
    )
    np.testing.assert_array_equal(result.confusion, alone.confusion)


def test_a_part_has_all_classes(folder):
    data = evaluation_data(config(folder), limit=6)
    result = evaluate(small(), data)
    np.testing.assert_array_equal(result.confusion.sum(axis=1), [2, 2, 2])
    some = np.concatenate([x for x, _ in data.evaluation()])
    every = np.concatenate([x for x, _ in load_data(config(folder)).evaluation()])
    np.testing.assert_array_equal(some, every[[0, 2, 5, 7, 10, 12]])
    assert evaluate(small(), evaluation_data(config(folder), limit=99)).images == 15
