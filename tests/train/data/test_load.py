"""The whole pipeline: deterministic, resumable, shared between workers, complete."""

import hashlib
import itertools
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train import Augmentation, DataConfig, load_data
from larq_bvit.train.data.load import Data
from larq_bvit.zoo import load_image, preprocess_input
from tests.train.data.common import Memory, encode, pixels

SOME = Augmentation(erasing=0.5, mixup=0.2, cutmix=1.0)
# Colours take longer to trace than the rest. RandAugment, a function of an image and its numbers,
# takes seconds and is left out.
MUCH = replace(SOME, jitter=(0.4, 0.4, 0.4), lighting=0.1)


def config(folder, **changes):
    settings = {"size": (12, 10), "batch_size": 4, "seed": 3, "augmentation": SOME}
    return DataConfig(dataset=f"folder:{folder}", **{**settings, **changes})


def batches(data, count, **start):
    return [(x.numpy(), y.numpy()) for x, y in itertools.islice(data.train(**start), count)]


def assert_equal(some, others):
    for one, other in zip(some, others, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def digest(folder, parallel):
    data = load_data(config(folder, parallel=parallel, augmentation=MUCH))
    return hashlib.sha256(b"".join(a.tobytes() for b in batches(data, 9) for a in b)).hexdigest()


def test_shapes_and_numbers(folder):
    data = load_data(config(folder, augmentation=MUCH))
    assert data.classes == ("n01", "n02", "n10") and data.steps_per_epoch == 6
    assert (data.train_examples, data.eval_examples) == (24, 9)
    image, label = data.train().element_spec
    assert (image.shape, label.shape) == ((4, 12, 10, 3), (4, 3))
    assert image.dtype == label.dtype == tf.float32
    (x, y), *_ = batches(data, 1)
    assert np.isfinite(x).all() and -3 < x.min() < x.max() < 3
    np.testing.assert_allclose(y.sum(axis=1), 1, atol=1e-6)


def test_two_processes_and_any_parallelism_see_the_same(folder):
    code = f"from tests.train.data.test_load import digest; print(digest({str(folder)!r}, 5))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest(folder, None)


@pytest.mark.parametrize(
    ("memory", "augmentation"), [(0, MUCH), (2**30, SOME)], ids=["streamed", "in memory"]
)
def test_resumes_anywhere(folder, memory, augmentation):
    data = load_data(config(folder, memory=memory, augmentation=augmentation))
    whole = batches(data, 14)
    again = load_data(config(folder, augmentation=augmentation))
    assert_equal(whole[8:], batches(again, 6, step=8))
    assert_equal(whole[8:], batches(data, 6, epoch=1, step=2))


def test_what_came_before_is_not_read(folder):
    class Counting(Memory):
        reads: list[int] = []

        def __getitem__(self, index):
            self.reads.append(index)
            return super().__getitem__(index)

    source = Counting([encode(pixels(seed=k), "png") for k in range(400)])
    data = Data(config("x", memory=0, parallel=1), source, source)
    batches(data, 1, epoch=1000, step=50)
    assert 4 <= len(source.reads) < 200


def test_epochs_and_seeds_differ(folder):
    data = load_data(config(folder))
    first, second = batches(data, 6), batches(data, 6, epoch=1)
    other = batches(load_data(config(folder, seed=4)), 6)
    assert not np.array_equal(first[0][0], second[0][0])
    assert not np.array_equal(first[0][0], other[0][0])


def test_an_epoch_holds_every_image_once(folder):
    plain = Augmentation(crop="padded", padding=0, flip=0)
    data = load_data(config(folder, size=(18, 24), augmentation=plain))
    seen = np.concatenate([x for x, _ in batches(data, 6)])
    expected = [
        preprocess_input(
            tf.io.decode_jpeg(file.read_bytes(), dct_method="INTEGER_ACCURATE").numpy()
        )
        for file in folder.glob("train/*/*")
    ]
    assert sorted(x.tobytes() for x in seen) == sorted(x.tobytes() for x in expected)
    labels = np.concatenate([y for _, y in batches(data, 6)])
    assert labels.sum(axis=0).tolist() == [8, 8, 8]


def test_workers_together_are_one(folder):
    settings = config(folder, batch_size=8, augmentation=MUCH)
    one = batches(load_data(settings), 5)
    two = [batches(load_data(replace(settings, shard=(k, 2))), 5) for k in range(2)]
    joined = [
        tuple(map(np.concatenate, zip(*parts, strict=True))) for parts in zip(*two, strict=True)
    ]
    assert_equal(one, joined)


def test_evaluation_is_every_image_once_as_load_image_reads_it(folder):
    assert load_data(config(folder, batch_size=8, shard=(1, 2))).eval_batch_size == 4
    data = load_data(config(folder, eval_batch_size=4))
    evaluation = data.evaluation()
    assert evaluation.cardinality() == 3
    sizes = [len(x) for x, _ in evaluation]
    assert sizes == [4, 4, 1]
    x, y = (np.concatenate([b[k].numpy() for b in evaluation]) for k in (0, 1))
    files = sorted(folder.glob("val/*/*"))
    expected = np.stack([preprocess_input(load_image(file, (12, 10))) for file in files])
    # 2 of 255 levels, at the smallest deviation
    assert np.abs(x - expected).max() <= 2 / 255 / 0.224 + 1e-6
    assert y.argmax(axis=1).tolist() == [0] * 3 + [1] * 3 + [2] * 3 and (y.sum(axis=1) == 1).all()


def test_workers_evaluate_without_overlap(folder):
    whole = np.concatenate([x for x, _ in load_data(config(folder)).evaluation()])
    shards = [load_data(config(folder, shard=(k, 2))).evaluation() for k in range(2)]
    parts = [np.concatenate([x for x, _ in shard]) for shard in shards]
    assert [len(part) for part in parts] == [5, 4]
    np.testing.assert_array_equal(whole[0::2], parts[0])
    np.testing.assert_array_equal(whole[1::2], parts[1])


def test_corrupt_images_are_replaced_in_training_and_left_out_in_evaluation(folder):
    for name in ("train/n01/3.jpg", "val/n02/0.jpg"):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])
    settings = config(folder, max_corrupt=1)
    data = load_data(settings)
    whole = batches(data, 9)
    assert len(data.corrupt["train"].names) == 1 and "3.jpg" in data.corrupt["train"].names[0]
    assert_equal(whole[4:], batches(load_data(replace(settings, parallel=2)), 5, step=4))
    assert sum(len(x) for x, _ in data.evaluation()) == 8
    assert "0.jpg" in data.corrupt["evaluation"].names[0]
    strict = load_data(replace(settings, max_corrupt=0))
    with pytest.raises(tf.errors.InvalidArgumentError, match="max_corrupt=0 .* got 1: .*3.jpg"):
        batches(strict, 6)
    with pytest.raises(tf.errors.InvalidArgumentError, match="max_corrupt=0 .* got 1: .*0.jpg"):
        list(strict.evaluation())
    with pytest.raises(ValueError, match="max_corrupt below the 24 examples; got 24"):
        load_data(replace(settings, max_corrupt=24))


def test_keras_trains_and_evaluates(folder):
    data = load_data(config(folder))
    model = tf.keras.Sequential(
        [tf.keras.layers.GlobalAveragePooling2D(), tf.keras.layers.Dense(3, "softmax")]
    )
    model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        data.train(),
        steps_per_epoch=data.steps_per_epoch,
        epochs=2,
        validation_data=data.evaluation(),
        verbose=0,
    )
    assert np.isfinite(history.history["loss"] + history.history["val_loss"]).all()
