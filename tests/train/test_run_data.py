"""What a run knows of its data."""

import json
from dataclasses import replace

import pytest

from larq_bvit.train.run_data import RunData, check_data

DATA = RunData(("cat", "dog", "ray"), train_examples=90, eval_examples=9, steps_per_epoch=11)


def differs(**changes):
    with pytest.raises(ValueError, match="^here was made with other data or ") as error:
        check_data(json.loads(json.dumps(DATA.as_dict())), replace(DATA, **changes), "here")
    return str(error.value).splitlines()[1:]


def test_the_same_data_and_an_older_run():
    check_data(json.loads(json.dumps(DATA.as_dict())), DATA, "")
    check_data({}, DATA, "")


def test_another_teacher():
    ours = replace(DATA, teacher="abc")
    check_data(DATA.as_dict(), ours, "")  # collected from JAX, which does not know it
    with pytest.raises(ValueError, match="another teacher.*\n  teacher: abc there, abd here"):
        check_data(ours.as_dict(), replace(ours, teacher="abd"), "")
    with pytest.raises(ValueError, match="\n  teacher: abc there, None here"):
        check_data(ours.as_dict(), DATA, "")


def test_lists_what_differs():
    assert differs(train_examples=96, steps_per_epoch=12) == [
        "  train_examples: 90 there, 96 here", "  steps_per_epoch: 11 there, 12 here",
    ]  # fmt: skip
    assert differs(eval_examples=8) == ["  eval_examples: 9 there, 8 here"]
    head = "  classes: 3 there (-), 3 here (+)"
    assert differs(classes=("dog", "ray", "wolf")) == [head, "  -cat", "  +wolf"]
    assert len(differs(classes=("cat", "ray", "dog"))) == 3  # another order is another meaning
    many = differs(classes=tuple(map(str, range(40))))
    assert many[0] == "  classes: 3 there (-), 40 here (+)" and many[-1] == "  and 23 more"
