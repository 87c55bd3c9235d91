"""What a run says of its weights."""

from larq_bvit.train.run_metadata import run_metadata
from larq_bvit.zoo import WeightsMetadata
from tests.train.run_folders import write_run


def test_of_a_run(tmp_path):
    run = write_run(tmp_path / "run", ["data.size=[32,64]"])
    assert run_metadata(run / "best.h5") == WeightsMetadata(
        model="binaryvit_nano", input_shape=(32, 64, 3)
    )
    run = write_run(tmp_path / "evaluated", right=40)
    told = run_metadata(run / "weights.h5")
    assert (told.input_shape, told.num_classes) == ((32, 32, 3), 2)
    assert told.class_names == ("cat", "dög")


def test_of_a_run_on_its_way(tmp_path):
    """Its newest checkpoint that can be read knows the classes."""
    run = write_run(tmp_path / "run")
    for name, content in (
        ("epoch0001-step00000000", '{"data": {"classes": ["cat", "dog"]}}'),
        ("epoch0002-step00000000", '{"data": '),
    ):
        (run / "checkpoints" / name).mkdir(parents=True)
        (run / "checkpoints" / name / "state.json").write_text(content)
    told = run_metadata(run / "best.h5")
    assert told.class_names == ("cat", "dog") and told.num_classes == 2


def test_of_a_variant_of_its_own(tmp_path):
    run = write_run(tmp_path / "run", ["model.variant.reductions=[2,1,1,1]"])
    told = run_metadata(run / "best.h5")
    assert told.model == "binaryvit" and told.variant["reductions"] == (2, 1, 1, 1)
    assert told.variant["depths"] == (1, 1, 3, 1)


def test_elsewhere(tmp_path):
    assert run_metadata(tmp_path / "best.h5") is None
