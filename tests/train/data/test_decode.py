"""Decoding, crops, resizing: Pillow says what should come out."""

import io
from importlib.resources import as_file, files

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from larq_bvit import zoo
from larq_bvit.train import Augmentation
from larq_bvit.train.data.decode import decode, evaluation_image, resize, train_decoder
from tests.train.data.common import encode, pixels

BOX = (3, 5, 10, 12)  # top, left, height, width


def by_pillow(encoded):
    return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))


FILES = {
    "jpeg": encode(pixels()),
    "progressive": encode(pixels(), progressive=True),
    "grey jpeg": encode(pixels(), mode="L"),
    "png": encode(pixels(), "png"),
    "grey png": encode(pixels(), "png", mode="L"),
    "transparent png": encode(pixels(), "png", mode="RGBA"),
    "palette png": encode(pixels(), "png", mode="P"),
    "bmp": encode(pixels(), "bmp"),
}


@pytest.mark.parametrize("name", FILES)
def test_decodes_as_pillow(name):
    expected = by_pillow(FILES[name])
    np.testing.assert_array_equal(decode(tf.constant(FILES[name])), expected)
    top, left, height, width = BOX
    got = decode(tf.constant(FILES[name]), tf.constant(BOX)).numpy()
    inside = expected[top : top + height, left : left + width]
    assert got.shape == inside.shape
    # Chroma at a crop's border is interpolated without the neighbours outside.
    assert np.abs(got.astype(int) - inside)[1:-1, 1:-1].max() <= 1


def test_cmyk_jpeg():
    encoded = encode(pixels(), mode="CMYK", quality=95)
    got = decode(tf.constant(encoded)).numpy().astype(int)
    assert got.shape == (18, 24, 3)
    assert np.abs(got - by_pillow(encoded)).max() <= 2  # rounded elsewhere


@pytest.mark.parametrize("encoded", [FILES["jpeg"][:200], b"", b"no image", FILES["png"][:100]])
def test_damaged_files_raise(encoded):
    with pytest.raises(tf.errors.InvalidArgumentError):
        decode(tf.constant(encoded))


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(9, 7), (32, 20), (18, 24), (40, 10)])
def test_resizes_as_pillow(interpolation, size):
    image = pixels(seed=3)
    kernel = Image.Resampling[interpolation.upper()]
    expected = np.asarray(Image.fromarray(image).resize(size[::-1], kernel), int)
    got = resize(tf.constant(image), size, interpolation).numpy()
    assert got.dtype == np.uint8 and np.abs(got - expected).max() <= 1


@pytest.mark.parametrize("size", [(224, 224), (64, 64), (64, 96), (96, 32), (1, 1)])
def test_evaluation_is_load_image(size):
    with as_file(files("larq_bvit") / "assets" / "cat.jpg") as path:
        expected = zoo.load_image(path, size).astype(int)
        got = evaluation_image(tf.io.read_file(str(path)), size).numpy()
    difference = np.abs(got - expected)
    assert got.dtype == np.uint8 and difference.max() <= 2 and difference.mean() < 0.02


@pytest.mark.parametrize("shape", [(64, 64), (20, 70), (70, 20), (3, 200)])
def test_evaluation_of_small_and_thin_images_in_black_and_white(tmp_path, shape):
    # Where it overshoots, bicubic interpolation is clipped after columns and after rows.
    image = (np.random.default_rng(0).random((*shape, 3)) < 0.5).astype(np.uint8) * 255
    (tmp_path / "x.png").write_bytes(encode(image, "png"))
    expected = zoo.load_image(tmp_path / "x.png", (32, 48)).astype(int)
    got = evaluation_image(tf.io.read_file(str(tmp_path / "x.png")), (32, 48)).numpy()
    difference = np.abs(got - expected)
    assert difference.max() <= 2 and difference.mean() < 0.02


def test_resized_crop_is_crop_then_resize():
    draws = np.random.default_rng(0).random((4, 22), np.float32)
    # areas of a half, of the result's shape, in the corner: a box of 14x16 at the bottom right
    draws[0] = [*[(0.5 - 0.08) / 0.92] * 10, *[0.5] * 10, 0.999, 0.999]
    encoded = [encode(pixels(seed=k), "png") for k in range(4)]
    got = train_decoder((11, 13), Augmentation())(tf.constant(encoded), tf.constant(draws))
    assert got.shape == (4, 11, 13, 3)
    corner = Image.fromarray(pixels(seed=0)[18 - 14 :, 24 - 16 :])
    expected = np.asarray(corner.resize((13, 11), Image.Resampling.BILINEAR), int)
    assert np.abs(got[0].numpy() - expected).max() <= 1


def test_padded_crop_is_a_shift_with_black():
    image = pixels((16, 20)) // 2 + 100  # nowhere black
    draws = np.random.default_rng(1).random((60, 22), np.float32)
    crop = train_decoder((16, 20), Augmentation(crop="padded", padding=3))
    got = crop(tf.constant([encode(image, "png")] * 60), tf.constant(draws)).numpy()
    padded = np.pad(image, [(3, 3), (3, 3), (0, 0)])
    places = set()
    for row, out in zip(draws, got, strict=True):
        top, left = int(row[0] * 7), int(row[1] * 7)
        np.testing.assert_array_equal(out, padded[top : top + 16, left : left + 20])
        places.add((top, left))
    assert len(places) > 20
    centre = train_decoder((16, 20), Augmentation(crop="padded", padding=0))
    np.testing.assert_array_equal(centre(tf.constant([encode(image, "png")]), draws[:1])[0], image)


def test_padded_crop_resizes_other_sizes():
    image = pixels((30, 40))
    crop = train_decoder((15, 20), Augmentation(crop="padded", padding=0))
    got = crop(tf.constant([encode(image, "png")]), tf.zeros((1, 22)))[0].numpy()
    expected = np.asarray(Image.fromarray(image).resize((20, 15), Image.Resampling.BICUBIC), int)
    assert np.abs(got - expected).max() <= 1


def test_centre_crop_is_evaluation():
    encoded = tf.constant([encode(pixels((50, 70)))])
    crop = train_decoder((24, 32), Augmentation(crop="centre"))
    np.testing.assert_array_equal(
        crop(encoded, tf.zeros((1, 22)))[0], evaluation_image(encoded[0], (24, 32))
    )
