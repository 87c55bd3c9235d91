"""cost.json of a run."""

import pytest

from larq_bvit import zoo
from larq_bvit.train.run_cost import load_cost, save_cost


def test_what_a_model_weighs_and_computes(tmp_path):
    path = tmp_path / "cost.json"
    assert load_cost(path) is None
    model = zoo.BinaryViT("nano", input_shape=(32, 32, 3), num_classes=10)
    save_cost(path, zoo.profile(model))
    cost = load_cost(path)
    kernels = sum(
        layer.kernel.shape.num_elements()
        for layer in model.layers
        if getattr(layer, "kernel_quantizer", None)
    )
    assert cost.binary_parameters == kernels
    assert cost.binary_parameters + cost.float_parameters == model.count_params()
    assert cost.ops == cost.binary_macs / 64 + cost.float_macs
    assert cost.packed_bytes < 4 * model.count_params() / 4
    assert [file.name for file in tmp_path.iterdir()] == ["cost.json"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"binary_macs": "many"}', '{"floats": 5}'])
def test_something_else(tmp_path, text):
    path = tmp_path / "cost.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"cost\.json does not say what a run's model computes"):
        load_cost(path)
