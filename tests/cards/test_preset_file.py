"""The preset.toml of packed weights, checked before and written after the work."""

import numpy as np
import pytest

from larq_bvit.cards.preset_file import check_preset, write_preset
from larq_bvit.presets import presets
from larq_bvit.train.evaluation import Tally
from tests.presets import publish

FACTS = {"model": "binaryvit_nano", "dataset": "cats", "input_shape": [32, 64, 3]}
FIRST = {"default": True, "architecture_default": False}
OTHER = {"default": False, "architecture_default": False}


@pytest.fixture
def zoo(empty_package):
    """The folder of the package's presets."""
    folder = empty_package / "_artifacts" / "zoo"
    folder.mkdir()
    return folder


def test_names(zoo, tmp_path):
    check_preset("binaryvit_nano_cats", FACTS, FIRST, zoo)
    with pytest.raises(ValueError, match="expected name to be a name; got 'nano_my cats'"):
        check_preset("nano_my cats", FACTS, FIRST, tmp_path)
    with pytest.raises(ValueError, match="expected dataset to be a name; got 'my cats'"):
        check_preset("binaryvit_nano_cats", {**FACTS, "dataset": "my cats"}, FIRST, tmp_path)


def test_defaults_among_those_of_the_package(zoo, empty_package, tmp_path):
    check_preset("binaryvit_nano_cats", FACTS, OTHER, tmp_path)  # a folder of one's own
    with pytest.raises(ValueError, match="the first weights of 'binaryvit_nano' to be its default"):
        check_preset("binaryvit_nano_cats", FACTS, OTHER, zoo)
    publish(empty_package, "binaryvit_nano_dogs", default=True)
    check_preset("binaryvit_nano_cats", FACTS, OTHER, zoo / ".." / "zoo")
    with pytest.raises(ValueError, match="it is in that of binaryvit_nano_dogs: leave it out here"):
        check_preset("binaryvit_nano_cats", FACTS, FIRST, zoo)
    flags = {"default": False, "architecture_default": True}
    with pytest.raises(ValueError, match="expected default = true where architecture_default is"):
        check_preset("binaryvit_nano_cats", FACTS, flags, tmp_path)


def test_is_read_again(zoo):
    tally = Tally(("a", "b", "c"))
    tally.add(np.log([[0.5, 0.25, 0.25]] * 4), np.array([1, 1, 2, 2]))  # none is recognised
    folder = zoo / "nano_cats"
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(b"weights")
    write_preset(folder, "nano_cats", FACTS, FIRST, tally.result())
    (preset,) = presets().values()
    assert (preset.name, preset.default, preset.architecture_default) == ("nano_cats", True, False)
    assert (preset.num_classes, preset.images, preset.top_1) == (3, 4, 0.0)
    assert preset.bytes == 7 and preset.input_shape == (32, 64, 3)
    assert "architecture_default" not in (folder / "preset.toml").read_text()
