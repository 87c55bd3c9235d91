"""A model by name, by packed weights, or saved whole."""

import pytest

from larq_bvit import zoo
from larq_bvit.cli.any_model import any_model, is_file

pytestmark = pytest.mark.usefixtures("few_nano")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("binaryvit_nano", False),
        ("mine.safetensors", False),
        ("binaryvit_nan", False),
        ("mine.keras", True),
        ("mine.h5", True),
        ("mine.tflite", True),
    ],
)
def test_is_file(text, whole):
    assert is_file(text) == whole


def test_a_packed_file(nano, tmp_path):
    file = zoo.save_weights(nano, tmp_path / "mine.safetensors")
    model = any_model(str(file), logits=True)
    assert model.input_shape == (None, 32, 32, 3) and model.output_shape == (None, 10)
    again = zoo.save_weights(model, tmp_path / "again.safetensors")
    assert again.read_bytes() == file.read_bytes()
