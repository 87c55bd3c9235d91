"""What a run says of its weights."""

from larq_bvit.train.run_metadata import run_metadata
from larq_bvit.zoo import WeightsMetadata
from tests.train.run_folders import write_run


def test_of_a_run(tmp_path):
    run = write_run(tmp_path / "run", ["data.size=[32,64]"])
    assert run_metadata(run / "best.h5") == WeightsMetadata(input_shape=(32, 64, 3))
    run = write_run(tmp_path / "evaluated", right=40)
    told = WeightsMetadata(input_shape=(32, 32, 3), num_classes=2, class_names=("cat", "dög"))
    assert run_metadata(run / "weights.h5") == told


def test_elsewhere(tmp_path):
    assert run_metadata(tmp_path / "best.h5") is None
