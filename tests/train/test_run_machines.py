"""What a run notes of its machines."""

import pytest
import tensorflow as tf

from larq_bvit.bench.cpu import cpu
from larq_bvit.bench.machine import cores
from larq_bvit.train.run_machines import load_machines, machine_of, note_machine


def test_this_machine(monkeypatch):
    strategy = tf.distribute.get_strategy()
    processor = f"{cpu().name} with {cores()} cores"
    assert machine_of(strategy) == f"{processor}, TensorFlow {tf.__version__}"
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["a", "b"])
    details = {"a": {"device_name": "NVIDIA A100"}}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", details.get)
    assert machine_of(strategy) == f"NVIDIA A100, TensorFlow {tf.__version__}"
    several = type("Strategy", (), {"num_replicas_in_sync": 2})()
    assert machine_of(several) == f"2 x NVIDIA A100, TensorFlow {tf.__version__}"


def test_a_line_where_the_machine_changes(tmp_path):
    path = tmp_path / "machines.csv"
    assert load_machines(path) == []
    for epoch, machine in (
        (1, "a laptop, slow"),
        (3, "a laptop, slow"),
        (4, "b"),
        (9, "a laptop, slow"),
    ):
        note_machine(path, epoch, machine)
    assert path.read_text() == 'epoch,machine\n1,"a laptop, slow"\n4,b\n9,"a laptop, slow"\n'
    assert load_machines(path) == ["a laptop, slow", "b"]


@pytest.mark.parametrize("content", [b"epoch,where\n1,a\n", b"epoch,machine\n1\n", b"\xff\n"])
def test_something_else(content, tmp_path):
    path = tmp_path / "machines.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"machines\.csv does not say what a run was trained on"):
        load_machines(path)
