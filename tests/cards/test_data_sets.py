"""Which data set a recipe names, and what is known of it."""

import pytest

from larq_bvit.cards.data_sets import DATA_SETS, UNKNOWN, identified
from larq_bvit.train.recipes import list_recipes


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("cifar10", None, ("cifar10", DATA_SETS["cifar10"])),
        ("cifar10/3.*.*:train[:90%]", None, ("cifar10", DATA_SETS["cifar10"])),
        ("imagenet2012", "my_imagenet", ("my_imagenet", DATA_SETS["imagenet2012"])),
        ("cats_vs_dogs:4.0.1", None, ("cats_vs_dogs", UNKNOWN)),
        ("folder:/home/me/cats", None, ("cats", UNKNOWN)),
        ("folder:/home/me/my photos/", None, ("my_photos", UNKNOWN)),
        ("folder:/home/me/cats:train", None, ("cats", UNKNOWN)),
        ("folder:images/../cats", None, ("cats", UNKNOWN)),
        # a folder of this name may hold anything
        ("folder:/data/cifar10", None, ("cifar10", UNKNOWN)),
        ("folder:/data/images", "cifar10", ("cifar10", DATA_SETS["cifar10"])),
        ("folder:/data/images", "cats", ("cats", UNKNOWN)),
    ],
)
def test_identified(source, name, expected):
    assert identified(source, name) == expected


def test_all_data_sets_of_recipes_are_known():
    sources = {recipe.data.dataset for recipe in list_recipes()}
    named = [source for source in sources if not source.startswith("folder:")]
    assert len(named) >= 3 and UNKNOWN not in [identified(source, None)[1] for source in named]
