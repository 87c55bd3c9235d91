"""What weight files say: exactly what was said, and nothing that can't be."""

import json
from dataclasses import replace

import pytest

from larq_bvit.zoo import WeightsMetadata
from larq_bvit.zoo.packed import Accuracy, Preprocessing, Share

TOP_1 = Share(value=0.676, interval_95=(0.671, 1 / 1.47), count=33_800)
FULL = WeightsMetadata(
    model="binaryvit",
    variant={"dims": (16, 32), "patch_size": 8, "binary_downsampling": True, "note": None},
    input_shape=(32, 64, 3),
    num_classes=3,
    class_names=("cat", "Köter", 'a "b"'),
    preprocessing=Preprocessing(
        mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), resize="bicubic", crop=0.875
    ),
    dataset="cifar10",
    recipe="binaryvit_nano_cifar10",
    seed=7,
    commit="0123abc",
    accuracy=Accuracy(images=50_000, top_1=TOP_1),
    license_weights="Apache-2.0",
    license_data="unknown",
    created_by="a test",
)


@pytest.mark.parametrize("metadata", [FULL, WeightsMetadata()], ids=["full", "empty"])
def test_json_round_trips(metadata):
    assert WeightsMetadata.from_dict(json.loads(json.dumps(metadata.as_dict()))) == metadata


def test_every_field_is_in_the_test():
    assert None not in vars(FULL).values()


def test_tables_and_lists_are_taken():
    table = {"images": 50_000, "top_1": {**vars(TOP_1), "interval_95": [0.671, 1 / 1.47]}}
    assert replace(FULL, accuracy=table, input_shape=[32, 64, 3]) == FULL
    assert replace(FULL, variant={**FULL.variant, "dims": [16, 32]}) == FULL


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model": 3}, "expected model to be a string; got 3"),
        ({"seed": True}, "expected seed to be an integer; got True"),
        ({"input_shape": (32, 32)}, r"expected input_shape to have 3 items; got \[32, 32\]"),
        ({"input_shape": (0, 32, 3)}, "expected input_shape to be positive; got 0"),
        ({"num_classes": 0}, "expected num_classes to be positive; got 0"),
        ({"num_classes": 2, "class_names": ("a",)}, "as many class_names as num_classes, 2; got 1"),
        ({"variant": {"dims": {1, 2}}}, r"expected variant.dims to hold strings, .* got {1, 2}"),
        ({"variant": {"x": float("nan")}}, "expected variant.x to be finite; got nan"),
        ({"variant": {3: 4}}, "named by strings"),
        ({"accuracy": {"images": 5, "top_5": None}}, "'accuracy.top_1'; it is missing"),
        ({"accuracy": {"images": 0, "top_1": TOP_1}}, "expected images to be positive"),
        ({"accuracy": {"images": 5, "top_1": TOP_1, "top_2": TOP_1}}, "did you mean 'accuracy.top"),
        (
            {"preprocessing": {"mean": [0.5, float("inf")], "std": [1.0, 1.0]}},
            "preprocessing: expected mean to be finite; got inf",
        ),
        ({"preprocessing": {"mean": [0.5], "std": [1, 1]}}, "a mean and a std per channel"),
        ({"preprocessing": {"mean": [0.5], "std": [0]}}, "expected std to be positive"),
        ({"preprocessing": {"mean": [0.5], "std": [1], "crop": 1.5}}, "expected crop to be above"),
    ],
)
def test_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        WeightsMetadata(**fields)


@pytest.mark.parametrize("value, interval", [(0.5, (0.6, 0.7)), (1.5, (0.5, 2.0)), (0.5, (-1, 1))])
def test_shares_lie_within_their_interval(value, interval):
    with pytest.raises(ValueError, match="expected 0 <= lower bound <= value <= upper bound <= 1"):
        Share(value=value, interval_95=interval)


def test_unknown_fields_are_refused():
    with pytest.raises(ValueError, match="unknown field 'datasset'; did you mean 'dataset'?"):
        WeightsMetadata.from_dict({"datasset": "cifar10"})
