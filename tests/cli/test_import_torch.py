"""`larq-bvit import-torch`."""

import importlib.util
import pickle
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from larq_bvit import zoo
from larq_bvit.zoo.weights import read_weights
from tests.cli.conftest import SMALL

pytestmark = pytest.mark.usefixtures("few_nano")


@pytest.fixture
def checkpoint(nano, tmp_path):
    state = {name: np.ascontiguousarray(x) for name, x in zoo.export_torch(nano).items()}
    save_file(state, tmp_path / "nano.safetensors")
    return tmp_path / "nano.safetensors"


def test_checkpoint_becomes_the_weight_file(run_json, nano, checkpoint, tmp_path):
    output = tmp_path / "out.h5"
    shown = run_json("import-torch", "binaryvit_nano", checkpoint, "-o", output, *SMALL)
    assert shown["output"] == str(output) and shown["bytes"] == output.stat().st_size
    stored = read_weights(output)
    for weight in nano.weights:
        np.testing.assert_array_equal(stored[weight.name.split(":")[0]], weight.numpy())


def test_text(run, checkpoint, tmp_path):
    output = tmp_path / "out.h5"
    result = run("import-torch", "binaryvit_nano", checkpoint, "-o", output, *SMALL)
    assert result.exit_code == 0 and f"wrote {output}: weights of" in result.stdout


def test_checkpoint_of_another_model(fails, checkpoint, tmp_path):
    output = tmp_path / "out.h5"
    first, *others = fails("import-torch", "birealnet_18", checkpoint, "-o", output)
    assert first == "this is no PyTorch checkpoint of 'birealnet_18':"
    assert others[0].startswith("  missing (") and others[1].startswith("  unexpected (")
    assert not output.exists()


def test_bad_paths(fails, checkpoint, tmp_path):
    arguments = ["import-torch", "binaryvit_nano"]
    missing = tmp_path / "no.pth"
    assert fails(*arguments, missing, "-o", tmp_path / "x.h5") == [f"no checkpoint at {missing}"]
    assert "must end in .h5" in fails(*arguments, checkpoint, "-o", tmp_path / "x.tflite")[0]
    text = tmp_path / "x.txt"
    text.write_text("no checkpoint")
    assert "must be .safetensors" in fails(*arguments, text, "-o", tmp_path / "x.h5", *SMALL)[0]
    corrupt = tmp_path / "corrupt.safetensors"
    corrupt.write_bytes(checkpoint.read_bytes()[:1000])
    (line,) = fails(*arguments, corrupt, "-o", tmp_path / "x.h5", *SMALL)
    assert line.startswith(f"can't read the checkpoint {corrupt}")


class Evil:
    """Creates a file when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


def test_code_in_a_pickle_is_not_run(fails, tmp_path):
    marker, path = tmp_path / "executed", tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps({"state_dict": Evil(marker)}, protocol=2))
    lines = fails("import-torch", "binaryvit_nano", path, "-o", tmp_path / "x.h5", *SMALL)
    assert not marker.exists()
    if importlib.util.find_spec("torch"):
        assert lines[0].startswith(f"can't read the checkpoint {path}")
    else:
        assert 'pip install "larq_bvit[torch]"' in lines[0]
    pickle.loads(path.read_bytes())
    assert marker.exists()  # it would have
