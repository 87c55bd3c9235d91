"""`key=value`: what values become, and where they go."""

import pytest

from larq_bvit.train.overrides import override, overrides_of, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1e-3", 1e-3),
        ("true", True),
        ("adamw", "adamw"),
        ('"3"', "3"),
        (" [64, 64] ", [64, 64]),
        ("{a = 1}", {"a": 1}),
        ("folder:/data/a b=c", "folder:/data/a b=c"),
        ("cifar10:train[:90%]", "cifar10:train[:90%]"),
        ("~/x.h5", "~/x.h5"),
        ("1\nepochs = 2", "1\nepochs = 2"),  # one value, never another field
    ],
)
def test_parse(text, value):
    parsed = parse(text)
    assert parsed == value and type(parsed) is type(value)


def test_override():
    table = {"epochs": 3, "data": {"dataset": "a", "seed": 1}, "distillation": {"teacher": "b"}}
    changes = [
        "epochs=5",
        "data.dataset = folder:/x=y",
        "data.augmentation.flip=0",
        "model.options.drop_path=0.1",
        "model.variant={depths = [1]}",
        "data.seed=",
        "distillation=",
        "schedule.last=",  # was not there
        "epochs=7",
    ]
    override(table, changes)
    assert table == {
        "epochs": 7,
        "data": {"dataset": "folder:/x=y", "augmentation": {"flip": 0}},
        "model": {"options": {"drop_path": 0.1}, "variant": {"depths": [1]}},
        "schedule": {},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs", "expected key=value, such as epochs=10; got 'epochs'"),
        ("=3", "expected key=value, such as epochs=10; got '=3'"),
        ("epoch=3", "unknown field 'epoch'; did you mean 'epochs'"),
        ("learning_rate=3", "unknown field 'learning_rate'; did you mean 'optimizer.learning_rate"),
        ("optimizer.lerning_rate=3", "did you mean 'optimizer.learning_rate'"),
        ("epochs.x=3", "unknown field 'epochs.x'; did you mean 'epochs'"),
        ("model.optons.drop_path=1", "unknown field 'model.optons.drop_path'"),
    ],
)
def test_refused(text, message):
    table = {"epochs": 3}
    with pytest.raises(ValueError) as error:
        override(table, [text])
    assert str(error.value).startswith(message) or message in str(error.value)
    assert table == {"epochs": 3}


def test_a_table_is_needed():
    with pytest.raises(ValueError, match="'data.seed' to be within a table; 'data' is 3"):
        override({"data": 3}, ["data.seed=1"])


def test_overrides_of_a_table_make_it():
    table = {
        "name": "binaryvit_nano",
        "variant": {"depths": [1, 2], "plan": {"a": 1.5}},
        "weights": 'a "b"=c.h5',
        "options": {},
        "spread_latent": False,
    }
    made: dict = {}
    override(made, overrides_of(table, "model."))
    del table["options"]  # empty as by default
    assert made == {"model": table}
