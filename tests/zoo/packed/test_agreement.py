"""What names and shapes of weights don't tell: variants, and which kernels have one bit."""

from dataclasses import asdict, replace

import pytest
import tensorflow as tf

from larq_bvit.train.binarity import with_binary
from larq_bvit.zoo import BinaryViT, WeightsMetadata, load_weights, save_weights
from larq_bvit.zoo.packed import contradictions, read_packed
from tests.zoo import common
from tests.zoo.packed.rewriting import rewrite
from tests.zoo.test_binaryvit import TINY

HEADS = replace(TINY, heads=(2, 4))  # the same weights, of the same shapes
WORDS = "heads (1, 2) in the weights, (2, 4) in the model"


def build(variant=TINY):
    return BinaryViT(variant, input_shape=(32, 64, 3), num_classes=5)


@pytest.fixture(scope="module")
def model():
    return common.randomise(build())


@pytest.fixture(scope="module")
def file(model, tmp_path_factory):
    return save_weights(model, tmp_path_factory.mktemp("weights") / "x.safetensors")


def test_the_same_variant(file, model):
    assert contradictions(read_packed(file), build()) == ""
    assert contradictions(read_packed(file), tf.keras.models.clone_model(build())) == ""


def test_a_variant_of_lists(model, tmp_path):
    lists = {name: list(v) if isinstance(v, tuple) else v for name, v in vars(TINY).items()}
    other = build(type(TINY)(**lists))
    load_weights(other, save_weights(other, tmp_path / "x.safetensors"))


def test_another_variant_of_the_same_shapes(file, model, caplog):
    other = build(HEADS)
    before = other.get_weights()
    with pytest.raises(ValueError) as error:
        load_weights(other, file)
    assert str(error.value) == f"{file}: the weights contradict the model: {WORDS}"
    assert all((a == b).all() for a, b in zip(before, other.get_weights(), strict=True))
    with caplog.at_level("INFO"):
        load_weights(other, file, as_start=True)
    assert caplog.messages == [f"started from weights of a model that differs: {WORDS}"]
    assert (model.get_weights()[-1] == other.get_weights()[-1]).all()


def test_a_variant_with_a_name(file, model, tmp_path):
    """Between a named variant and one of one's own, the named one's plan counts."""

    def named(entry, tensors):
        entry["model"], entry["variant"] = "binaryvit_nano", None

    stored = rewrite(file, tmp_path / "named.safetensors", named)
    words = contradictions(read_packed(stored), model)
    assert words.startswith("dims (64, 64, 128, 256) in the weights, (16, 32) in the model; depths")
    nano = tf.keras.Model(model.input, model.output, name="binaryvit_nano")
    nano.variant = model.variant
    assert contradictions(read_packed(stored), nano) == ""
    other = tf.keras.Model(model.input, model.output, name="binaryvit_nano")
    other.variant = HEADS
    assert contradictions(read_packed(file), other) == WORDS


def test_fields_that_a_newer_version_has(file, model, tmp_path):
    def edit(entry, tensors):
        entry["variant"] = {**asdict(TINY), "new": 1}
        del entry["variant"]["heads"]

    stored = rewrite(file, tmp_path / "x.safetensors", edit)
    assert contradictions(read_packed(stored), build(HEADS)) == ""


@pytest.mark.parametrize(("there", "here"), [("all", "activations"), ("activations", "all")])
def test_other_binary_kernels(there, here, model, tmp_path):
    stored = save_weights(with_binary(model, there), tmp_path / "x.safetensors")
    other = with_binary(model, here)
    side = "the weights" if there == "all" else "the model"
    with pytest.raises(ValueError, match=f"14 kernels of one bit in {side} alone: stage1/.*, ...$"):
        load_weights(other, stored)
    load_weights(other, stored, as_start=True)


def test_kernels_that_are_stored_whole(model, tmp_path):
    path = save_weights(model, tmp_path / "x.safetensors", latent=True, metadata=WeightsMetadata())
    assert contradictions(read_packed(path), build()) == ""
    assert "14 kernels of one bit in the weights alone" in contradictions(
        read_packed(path), with_binary(model, "nothing")
    )
