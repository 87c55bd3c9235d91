"""What two runs must have in common."""

import json

import h5py
import numpy as np
import tensorflow as tf

from larq_bvit.train.callbacks import read_history


def arrays(path, checkpoints="*"):
    """{name: value} of all that a run's folder holds, but for times."""
    found = {}
    for name in ("weights.h5", "best.h5"):
        with h5py.File(path / name) as file:
            keys = []
            file.visit(keys.append)
            data = {key: file[key] for key in keys if isinstance(file[key], h5py.Dataset)}
            found |= {f"{name}/{key}": item[()] for key, item in data.items()}
    for checkpoint in sorted((path / "checkpoints").glob(checkpoints)):
        reader = tf.train.load_checkpoint(str(checkpoint / "tensors"))
        for key in reader.get_variable_to_shape_map():
            found[f"{checkpoint.name}/{key}"] = reader.get_tensor(key)
        state = json.loads((checkpoint / "state.json").read_text())
        del state["progress"]["seconds"]
        found[f"{checkpoint.name}/state"] = json.dumps(state)
    for line in read_history(path / "history.csv"):
        for column in line.keys() - {"seconds", "images_per_second"}:
            found[f"history/{line['epoch']}/{column}"] = line[column]
    return found


def assert_same_run(got, expected, checkpoints="*"):
    """Bit for bit; of the checkpoints those of that name."""
    got, expected = arrays(got, checkpoints), arrays(expected, checkpoints)
    assert got.keys() == expected.keys()
    differ = [key for key in expected if not np.array_equal(got[key], expected[key])]
    assert not differ, differ


def assert_close_weights(got, expected, atol):
    """Of the last epoch and the best."""
    got, expected = arrays(got, "none"), arrays(expected, "none")
    names = [key for key in expected if ".h5/" in key]
    assert names and got.keys() == expected.keys()
    for name in names:
        np.testing.assert_allclose(got[name], expected[name], rtol=0, atol=atol, err_msg=name)
