"""The strategy that a run is started with."""

from types import SimpleNamespace

import pytest
import tensorflow as tf

from larq_bvit.train.strategy import check_batch, make_strategy
from tests.train.test_tf_config import config


def test_one_device_needs_none(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert make_strategy() is None
    monkeypatch.setenv("TF_CONFIG", config({"worker": ["127.0.0.1:1"]}))
    assert make_strategy() is None


def test_all_devices_of_this_machine():
    strategy = make_strategy("mirrored")
    assert isinstance(strategy, tf.distribute.MirroredStrategy)
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    assert strategy.num_replicas_in_sync == len(devices)


@pytest.mark.parametrize("kind", ["default", "workers"])
def test_workers_of_tf_config(monkeypatch, kind):
    monkeypatch.setattr(tf.distribute, "MultiWorkerMirroredStrategy", lambda: "workers")
    monkeypatch.setenv("TF_CONFIG", config({"worker": ["127.0.0.1:1", "127.0.0.1:2"]}, index=1))
    assert make_strategy(kind) == "workers"
    monkeypatch.setenv("TF_CONFIG", config({"worker": ["127.0.0.1:1"]}, index=1))
    with pytest.raises(ValueError, match="there is no worker 1 among 1"):
        make_strategy(kind)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("mirored", "expected a strategy among default, mirrored, .*got 'mirored'"),
        ("mirrored:2", "got 'mirrored:2'"),
        ("workers", "expected TF_CONFIG to name the workers"),
        ("tpu:nowhere", "no TPU at 'nowhere'"),
    ],
)
def test_what_there_is_not(monkeypatch, kind, message):
    monkeypatch.setenv("TF_CONFIG", "{}")
    if kind.startswith("tpu"):
        _fake_tpu(monkeypatch, tf.errors.NotFoundError(None, None, "none"))
    with pytest.raises(ValueError, match=message):
        make_strategy(kind)


@pytest.mark.parametrize(("kind", "address"), [("tpu", ""), ("tpu:grpc://10.0.0.2:8470", None)])
def test_a_tpu_by_its_address(monkeypatch, kind, address):
    seen = _fake_tpu(monkeypatch)
    assert make_strategy(kind) == "strategy of the resolver"
    assert seen == ["grpc://10.0.0.2:8470" if address is None else address]


def _fake_tpu(monkeypatch, error=None):
    """There is none here: the addresses that resolvers are made with."""
    addresses = []

    def connect(resolver):
        assert resolver == "the resolver"
        if error is not None:
            raise error

    def resolver(tpu):
        addresses.append(tpu)
        return "the resolver"

    monkeypatch.setattr(tf.distribute.cluster_resolver, "TPUClusterResolver", resolver)
    monkeypatch.setattr(tf.config, "experimental_connect_to_cluster", connect)
    monkeypatch.setattr(tf.tpu.experimental, "initialize_tpu_system", connect)
    monkeypatch.setattr(tf.distribute, "TPUStrategy", lambda found: f"strategy of {found}")
    return addresses


def test_replicas_have_equal_parts_of_a_batch():
    check_batch(12, SimpleNamespace(num_replicas_in_sync=4))
    with pytest.raises(ValueError, match="data.batch_size.*all 4 replicas.*multiple of 4; got 6"):
        check_batch(6, SimpleNamespace(num_replicas_in_sync=4))
