"""Settings: each wrong one is refused with what was expected."""

import subprocess
import sys

import pytest

from larq_bvit.train import Augmentation, DataConfig

SOUND = {"dataset": "x", "size": (32, 32), "batch_size": 8}


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"crop": "center"}, "crop to be one of resized, padded, centre; got 'center'"),
        ({"interpolation": "nearest"}, "one of bilinear, bicubic; got 'nearest'"),
        ({"scale": (0.5, 0.1)}, "scale .*0 < low <= high <= 1.0; got"),
        ({"scale": (0.0, 1.0)}, "scale"),
        ({"scale": (0.5, 1.5)}, "scale"),
        ({"ratio": (1.0,)}, "ratio to be a tuple of 2 numbers; got"),
        ({"padding": -1}, "padding to be a whole number, at least 0; got -1"),
        ({"padding": 1.5}, "padding"),
        ({"rand_augment": True}, "rand_augment"),
        ({"magnitude": 31}, "magnitude to be a number from 0 to 30; got 31"),
        ({"flip": 1.1}, "flip to be a number from 0 to 1"),
        ({"erasing": float("nan")}, "erasing"),
        ({"jitter": (0.4, 0.4)}, "jitter to be a tuple of 3"),
        ({"jitter": (0.4, 0.4, 2.0)}, "jitter to be a number from 0 to 1; got 2.0"),
        ({"lighting": -0.1}, "lighting to be a number at least 0; got -0.1"),
        ({"mixup": "0.2"}, "mixup to be a number at least 0; got '0.2'"),
    ],
)
def test_wrong_augmentation(wrong, message):
    with pytest.raises(ValueError, match=message):
        Augmentation(**wrong)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"size": 32}, "size to be a tuple of 2 numbers; got 32"),
        ({"size": (32, 0)}, "size to be a whole number, at least 1; got 0"),
        ({"batch_size": 0}, "batch_size"),
        ({"eval_batch_size": 0}, "eval_batch_size"),
        ({"seed": -1}, "seed"),
        ({"max_corrupt": None}, "max_corrupt"),
        ({"holdout": 2}, "holdout"),
        ({"shuffle_window": 0}, "shuffle_window"),
        ({"parallel": 0}, "parallel"),
        ({"shard": (2, 2)}, r"0 <= index < count; got \(2, 2\)"),
        ({"shard": (0, 3)}, "batch_size in 3 equal parts; got 8"),
        ({"shard": (0, 8), "augmentation": Augmentation(cutmix=1)}, "even batch .*; got 1"),
    ],
)
def test_wrong_data_config(wrong, message):
    with pytest.raises(ValueError, match=message):
        DataConfig(**{**SOUND, **wrong})


def test_a_worker_has_its_part_of_the_batch():
    assert DataConfig(**SOUND, shard=(1, 4)).local_batch_size == 2
    assert not Augmentation().mixes and Augmentation(mixup=0.1).mixes


def test_settings_do_not_import_tensorflow():
    code = "import sys; from larq_bvit.train import DataConfig; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("size", "expected"),
    [((64, 64), (0.75, 1.5)), ((64, 96), (1.125, 2.25)), ((64, 32), (0.375, 0.75))],
)
def test_boxes_have_the_shape_of_what_they_are_resized_to(size, expected):
    assert Augmentation(ratio=(0.75, 1.5)).box_ratio(size) == expected
