"""All of one image."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.explain import attention_masks, pyramid
from larq_bvit.explain.explanation import explain_image
from larq_bvit.zoo import preprocess_input
from larq_bvit.zoo.packed import Preprocessing
from tests.explain.conftest import CLASSES


def test_holds_what_the_model_gives(model, pixels):
    one = explain_image(model, pixels, class_names=CLASSES)
    image = preprocess_input(pixels)
    assert one.pixels is pixels and one.at == (12, 8) and one.depths == [1, 2]
    masks = attention_masks(model, image)
    for got, want in zip(one.masks, [masks[0], masks[2]], strict=True):
        assert got.name == want.name
        np.testing.assert_array_equal(got.mask, want.mask)
    for got, want in zip(one.maps, pyramid(model, image), strict=True):
        np.testing.assert_array_equal(got, want)
    scores = model(image[None], training=False).numpy()[0]
    best = np.argsort(-scores)[:5]
    assert one.ranking == [(CLASSES[i], CLASSES[i], pytest.approx(scores[i])) for i in best]


@pytest.mark.parametrize("block, expected", [(None, [1, 2]), (1, [1, 1]), (2, [1, 2])])
def test_block(model, pixels, block, expected):
    one = explain_image(model, pixels, block=block, class_names=CLASSES, at=(23, 15))
    assert [mask.block for mask in one.masks] == expected and one.at == (23, 15)


@pytest.mark.parametrize("block", [0, 3])
def test_no_such_block(model, pixels, block):
    with pytest.raises(ValueError, match=f"from 1 to 2, the stages.* have 1, 2; got {block}"):
        explain_image(model, pixels, block=block, class_names=CLASSES)


@pytest.mark.parametrize("at", [(24, 0), (0, 16), (-1, 0), (0, -1)])
def test_point_outside(model, pixels, at):
    message = f"X from 0 to 23 and Y from 0 to 15; got {at[0]},{at[1]}"
    with pytest.raises(ValueError, match=message):
        explain_image(model, pixels, at=at, class_names=CLASSES)


@pytest.mark.parametrize("at", [(3.5, 2), (3, 2.0), (3,), (3, 2, 1), ("3", "2"), (None, 2), 3])
def test_no_point(model, pixels, at):
    with pytest.raises(ValueError) as error:
        explain_image(model, pixels, at=at, class_names=CLASSES)
    assert str(error.value) == f"expected a point (x, y) of integers; got {at!r}"


@pytest.mark.parametrize("at", [[5, 9], np.array([5, 9], np.uint8)])
def test_points_of_numpy(model, pixels, at):
    one = explain_image(model, pixels, at=at, class_names=CLASSES)
    assert one.at == (5, 9) and [type(n) for n in one.at] == [int, int]


@pytest.mark.parametrize("bad", ["cat.jpg", np.zeros((16, 24, 3)), np.zeros((1, 16, 24, 3), "u1")])
def test_no_pixels(model, bad):
    with pytest.raises(ValueError, match=r"expected pixels uint8 \(H, W, 3\), see zoo.load_image"):
        explain_image(model, bad, class_names=CLASSES)


def test_models_without_probabilities(model, pixels):
    logits = tf.keras.Model(model.input, model.get_layer("classifier").output)
    with pytest.raises(ValueError, match="expected a model that ends in a softmax; outputs of"):
        explain_image(logits, pixels, class_names=CLASSES)
    features = tf.keras.Model(model.input, model.get_layer("head/norm").output)
    with pytest.raises(ValueError, match="expected a model with a classifier"):
        explain_image(features, pixels)
    with pytest.raises(ValueError, match=f"no binary attention; .*the model inside, {model.name}"):
        explain_image(tf.keras.Sequential([model]), pixels)


def test_names_of_the_models_own(model, pixels):
    named = tf.keras.Model(model.input, model.output)
    object.__setattr__(named, "class_names", tuple(CLASSES))
    assert explain_image(named, pixels).ranking[0][1] in CLASSES


def test_names_of_numpy(model, pixels):
    one, other = (explain_image(model, pixels, class_names=n) for n in (CLASSES, np.array(CLASSES)))
    assert one.ranking == other.ranking


@pytest.mark.parametrize(("names", "got"), [(None, "none"), (CLASSES[:6], "6"), ([], "0")])
def test_other_names(model, pixels, names, got):
    message = f"expected class_names of the 7 classes of '{model.name}'; got {got}"
    with pytest.raises(ValueError) as error:
        explain_image(model, pixels, class_names=names)
    assert str(error.value) == message


def test_weights_for_another_normalisation_are_refused(model, pixels, monkeypatch):
    told = Preprocessing(mean=(0.5,) * 3, std=(0.5,) * 3)
    monkeypatch.setitem(vars(model), "preprocessing", told)
    with pytest.raises(ValueError, match=r"normalised as ImageNet's, as here; .* mean \(0.5, 0.5"):
        explain_image(model, pixels, class_names=CLASSES)
