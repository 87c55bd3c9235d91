"""TF_CONFIG is read, or refused with what is wrong with it."""

import json

import pytest

from larq_bvit.train.tf_config import Cluster, read_tf_config


def config(cluster, kind="worker", index=0):
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (config({"worker": ["a:1", "b:1"]}, index=1), Cluster(("a:1", "b:1"), 1)),
        (config({"worker": ["a:1"]}), Cluster(("a:1",), 0)),
        (config({"worker": ["b:1"], "chief": ["a:1"]}), Cluster(("a:1", "b:1"), 1)),
        (config({"worker": ["b:1"], "chief": ["a:1"]}, "chief"), Cluster(("a:1", "b:1"), 0)),
    ],
)
def test_workers_and_which_of_them_this_is(text, expected):
    assert read_tf_config(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{cluster", "it is no JSON"),
        ("[]", "'cluster' and 'task' are incomplete"),
        ('{"cluster": {"worker": ["a:1"]}}', "'task'"),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker"}}', "'index'"),
        ('{"cluster": {"worker": 3}, "task": {"type": "worker", "index": 0}}', "incomplete"),
        (config({"worker": ["a:1", "b:1"]}, index=2), "there is no worker 2 among 2"),
        (config({"worker": ["a:1", "b:1"]}, index=-1), "there is no worker -1 among 2"),
        (config({"worker": ["a:1", "b:1"]}, index="0"), "there is no worker '0' among 2"),
        (config({"worker": ["a:1"]}, "chief"), "there is no chief 0 among 0"),
        (config({"worker": ["a:1"], "ps": ["b:1"]}), "'chief' and 'worker' alone; got ps"),
        (config({"worker": ["a:1"]}, "evaluator"), "alone; got evaluator"),
        (config({"worker": ["a:1"], "chief": ["b:1", "c:1"]}), "at most one chief"),
    ],
)
def test_what_is_wrong(text, message):
    with pytest.raises(ValueError, match="^TF_CONFIG: ") as error:
        read_tf_config(text)
    assert message in str(error.value)
