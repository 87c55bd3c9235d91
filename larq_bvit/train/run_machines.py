"""Which machines a run was trained on."""

from __future__ import annotations

import csv
from pathlib import Path

import tensorflow as tf

from larq_bvit.train.callbacks.history import read_history, to_csv
from larq_bvit.train.disk import write_text
from larq_bvit.train.jax_backend.runner.processor import processor


def machine_of(strategy: tf.distribute.Strategy) -> str:
    """A worker's devices and software: `AMD EPYC with 2 cores, TensorFlow 2.19.1`."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        device = details.get("device_name", "a GPU")
    elif tf.config.list_logical_devices("TPU"):
        device = "TPU"
    else:
        device = processor()
    replicas = strategy.num_replicas_in_sync
    times = f"{replicas} x " if replicas > 1 else ""
    return f"{times}{device}, TensorFlow {tf.__version__}"


def note_machine(path: Path, epoch: int, machine: str) -> None:
    """Adds a line to a run's machines.csv, unless its last one says the same.

    Arguments:
        epoch: the first one that the machine has a part in, from 1 on.

    Raises:
        DiskFullError: no space left; the file is as before.
    """
    lines = read_history(path) if path.is_file() else []
    if not lines or lines[-1].get("machine") != machine:
        write_text(path, to_csv([*lines, {"epoch": epoch, "machine": machine}]))


def load_machines(path: Path) -> list[str]:
    """In their order, each once; none where an older run has noted none.

    Raises:
        ValueError: it is something else.
    """
    if not path.is_file():
        return []
    try:
        lines = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} does not say what a run was trained on: {error}") from None
    machines = [line.get("machine") or "" for line in lines]
    if "" in machines:
        raise ValueError(f"{path} does not say what a run was trained on: no column 'machine'")
    return list(dict.fromkeys(machines))
