"""What a model says of itself."""

import json
from dataclasses import asdict, replace

import pytest
import tensorflow as tf

from larq_bvit import __version__, zoo
from larq_bvit.zoo import BinaryViT, WeightsMetadata
from larq_bvit.zoo.packed import describe
from tests.zoo.test_binaryvit import TINY

GIVEN = WeightsMetadata(dataset="cifar10", seed=0)


@pytest.fixture(scope="module")
def nano():
    return zoo.create("binaryvit_nano", input_shape=(32, 64, 3), num_classes=5)


def test_fills_in_what_is_left_out(nano):
    told = WeightsMetadata(
        model="binaryvit_nano",
        input_shape=(32, 64, 3),
        num_classes=5,
        created_by=f"larq_bvit {__version__}",
    )
    assert describe(nano, None) == told
    assert describe(nano, GIVEN) == replace(told, dataset="cifar10", seed=0)
    assert describe(nano, told) == told
    assert describe(nano, replace(told, created_by="me")).created_by == "me"


def test_a_variant_without_a_name():
    own = BinaryViT(TINY, input_shape=(32, 64, 3), include_top=False)
    described = describe(own, None)
    assert (described.model, described.num_classes) == ("binaryvit", None)
    assert described.variant == asdict(TINY)
    again = WeightsMetadata.from_dict(json.loads(json.dumps(described.as_dict())))
    assert describe(own, again) == described


def test_names_that_mean_nothing_are_left_out():
    own = tf.keras.Sequential([tf.keras.Input((3,))], name="binaryvit")
    assert (describe(own, None).model, describe(own, None).variant) == (None, None)
    assert describe(own, WeightsMetadata(model="mine")).model == "mine"
    x = [tf.keras.Input((3,)), tf.keras.Input((None, None, 3))]
    described = describe(tf.keras.Model(x, x), None)
    assert (described.model, described.input_shape) == (None, None)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"model": "binaryvit_tiny"}, "model is 'binaryvit_tiny', the model's is 'binaryvit_nano'"),
        ({"input_shape": (64, 64, 3)}, r"input_shape is \(64, 64, 3\), the model's is \(32, 64, 3"),
        ({"num_classes": 6}, "num_classes is 6, the model's is 5"),
        ({"class_names": ("a", "b")}, "expected as many class_names as num_classes, 5; got 2"),
    ],
)
def test_refuses_what_contradicts_the_model(given, message, nano):
    with pytest.raises(ValueError, match=message):
        describe(nano, WeightsMetadata(**given))


def test_refuses_a_dictionary(nano):
    with pytest.raises(ValueError, match="expected metadata to be a WeightsMetadata; got {}"):
        describe(nano, {})
