"""Images as they are shown: Pillow says how."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from larq_bvit import zoo
from larq_bvit.train import Augmentation, DataConfig, load_data
from larq_bvit.train.data.decode import decode
from larq_bvit.train.data.upright import upright
from tests.train.data.common import encode, pixels

TURNS = {
    1: lambda shown: shown,
    2: lambda shown: shown[:, ::-1],
    3: lambda shown: shown[::-1, ::-1],
    4: lambda shown: shown[::-1],
    5: lambda shown: shown.swapaxes(0, 1),
    6: lambda shown: np.rot90(shown, 1),
    7: lambda shown: shown[::-1, ::-1].swapaxes(0, 1),
    8: lambda shown: np.rot90(shown, -1),
}


def stored(orientation, kind="jpeg", mode="RGB", **options):
    """A file whose image is shown as `pixels()`."""
    turned = np.ascontiguousarray(TURNS[orientation](pixels()))
    return encode(turned, kind, mode, exif=_exif(orientation), **options)


def _exif(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("orientation", TURNS)
def test_is_as_it_is_shown(orientation):
    png = decode(tf.constant(upright(stored(orientation, "png"))))
    np.testing.assert_array_equal(png, pixels())
    encoded = stored(orientation, quality=95, subsampling=0)
    jpeg = decode(tf.constant(upright(encoded))).numpy().astype(int)
    by_pillow = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(encoded))))
    difference = np.abs(jpeg - by_pillow)
    assert difference.mean() < 2 and difference.max() <= 10  # at full saturation


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_of_other_colours(mode):
    before = decode(tf.constant(stored(6, mode=mode, quality=95))).numpy().astype(int)
    after = decode(tf.constant(upright(stored(6, mode=mode, quality=95)))).numpy()
    assert np.abs(np.rot90(before, -1) - after).max() <= 4


def test_a_jpeg_of_several_images_stays_one():
    """A preview beside it, as phones store it: Pillow names the format otherwise."""
    several = io.BytesIO()
    turned = Image.fromarray(np.ascontiguousarray(TURNS[6](pixels())))
    preview = [turned.resize((4, 4))]
    turned.save(several, "MPO", save_all=True, append_images=preview, exif=_exif(6), quality=95)
    encoded = several.getvalue()
    assert Image.open(io.BytesIO(encoded)).format == "MPO"
    again = upright(encoded)
    assert again.startswith(b"\xff\xd8")
    assert np.abs(decode(tf.constant(again)).numpy().astype(int) - pixels()).mean() < 8


def test_others_keep_their_bytes():
    outside = encode(pixels(), exif=_exif(9))
    xmp = b'<x tiff:Orientation="1"/>'
    for encoded in (b"", encode(pixels()), encode(pixels(), "png"), stored(1), xmp, outside):
        assert upright(encoded) is encoded


def test_what_cannot_be_read_keeps_its_bytes():
    whole = stored(6, quality=95)
    for encoded in (whole[:300], b"Exif", whole[:40] + b"\0" * 200):
        assert upright(encoded) is encoded


def test_class_folders_are_trained_and_evaluated_upright(tmp_path):
    for split in ("train", "val"):
        for name in ("a", "b"):
            folder = tmp_path / split / name
            folder.mkdir(parents=True)
            (folder / "turned.jpg").write_bytes(stored(6, quality=95, subsampling=0))
    still = Augmentation(crop="centre", flip=0)
    config = DataConfig(
        dataset=f"folder:{tmp_path}", size=(18, 24), batch_size=2, augmentation=still
    )
    data = load_data(config)
    wanted = zoo.load_image(tmp_path / "val" / "a" / "turned.jpg", (18, 24))
    for batches in (data.train(), data.evaluation()):
        images = next(iter(batches))[0]
        np.testing.assert_allclose(images[0], zoo.preprocess_input(wanted), atol=0.12)  # 6 of 255
