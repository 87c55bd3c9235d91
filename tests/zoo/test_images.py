"""Images: plain NumPy and Pillow restate what every function should give."""

import io
from importlib.resources import as_file, files

import numpy as np
import pytest
from PIL import Image

import larq_bvit  # noqa: F401  (before TensorFlow)
from larq_bvit.zoo import images

ASSETS = files("larq_bvit") / "assets"


@pytest.fixture
def cat():
    with as_file(ASSETS / "cat.jpg") as path:
        yield path


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float32, np.float64])
def test_preprocess_equals_numpy(dtype):
    x = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 3)).astype(dtype)
    got = images.preprocess_input(x)
    expected = (x / 255.0 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    assert got.dtype == (np.float64 if dtype == np.float64 else np.float32)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-15 if dtype == np.float64 else 1e-6)


def test_preprocess_tensors_equal_arrays():
    import tensorflow as tf

    for dtype in (np.uint8, np.float32, np.float64):
        x = np.random.default_rng(1).integers(0, 256, (2, 5, 3)).astype(dtype)
        expected = images.preprocess_input(x)
        got = images.preprocess_input(tf.constant(x))
        assert isinstance(got, tf.Tensor) and got.dtype == expected.dtype
        # one rounding apart: TensorFlow may multiply by a reciprocal
        np.testing.assert_allclose(got.numpy(), expected, rtol=0, atol=1e-6)
    symbolic = images.preprocess_input(tf.keras.Input((None, None, 3)))
    assert symbolic.shape.as_list() == [None, None, None, 3]


@pytest.mark.parametrize("shape", [(4, 4, 1), (2, 4, 4, 4), (3, 4, 4), (4, 3)])
def test_preprocess_names_the_wrong_shape(shape):
    with pytest.raises(
        ValueError, match=r"\(\.\.\., height, width, 3\); got shape \(" + str(shape[0])
    ):
        images.preprocess_input(np.zeros(shape))


@pytest.mark.parametrize("size", [(224, 224), (64, 64), (224, 320), (320, 96), (1, 1)])
def test_load_image_is_resize_then_centre_crop(cat, size):
    got = images.load_image(cat, size)
    assert got.shape == (*size, 3) and got.dtype == np.uint8 and got.flags.writeable
    image = Image.open(cat)  # 451 x 300
    scale = max(round(size[0] * 256 / 224) / image.height, round(size[1] * 256 / 224) / image.width)
    width, height = (int(side * scale + 1e-9) for side in image.size)
    resized = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC), int)
    top, left = round((height - size[0]) / 2), round((width - size[1]) / 2)
    expected = resized[top : top + size[0], left : left + size[1]]
    # Pillow keeps the crop's borders in float32: a value on a rounding edge may differ by one.
    assert np.abs(got - expected).max() <= 1


def test_load_image_extreme_aspect_ratio(tmp_path):
    Image.new("RGB", (1, 30000), (7, 8, 9)).save(tmp_path / "thin.png")
    got = images.load_image(tmp_path / "thin.png", (32, 48))
    assert (got == [7, 8, 9]).all() and got.shape == (32, 48, 3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_load_image_modes(tmp_path, mode):
    if mode == "I;16":
        image = Image.fromarray(np.full((40, 40), 200 * 256, np.uint16))
    else:
        image = Image.new("RGB", (40, 40), (255, 255, 255)).convert(mode)
    path = tmp_path / ("x.tif" if mode == "CMYK" else "x.png")
    image.save(path)
    got = images.load_image(path, (16, 16))
    assert got.shape == (16, 16, 3)
    assert (got == (200 if mode == "I;16" else 255)).all()


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        (np.int32, (0, 255), (0, 255)),
        (np.int32, (-1, 200), (0, 200)),
        (np.int32, (0, 256), (0, 1)),
        (np.int32, (-(2**31), 2**31 - 1), (0, 255)),
        (np.uint16, (0, 255), (0, 0)),
        (np.uint16, (256, 65535), (1, 255)),
    ],
)
def test_load_image_bits(tmp_path, dtype, values, expected):
    halves = np.repeat(np.array([values], dtype), 32, axis=1).repeat(32, axis=0)
    Image.fromarray(halves).save(tmp_path / "x.tif")
    got = images.load_image(tmp_path / "x.tif", (28, 56))
    assert (got[:, 0] == expected[0]).all() and (got[:, -1] == expected[1]).all()


def test_load_image_turns_by_exif(tmp_path):
    pixels = np.zeros((32, 64, 3), np.uint8)
    pixels[:, 32:] = 255  # right half white
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees clockwise: the left half comes to the top
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    got = images.load_image(tmp_path / "turned.png", (56, 28))
    assert (got[0] == 0).all() and (got[-1] == 255).all()


def test_load_image_explains_bad_files(cat, tmp_path, monkeypatch):
    whole = cat.read_bytes()
    png = io.BytesIO()
    Image.open(cat).save(png, "png")
    contents = {
        "empty.jpg": b"",
        "text.png": b"not an image",
        "truncated.jpg": whole[: len(whole) // 2],
        "truncated.png": png.getvalue()[:20000],
        "damaged.png": png.getvalue()[:5000] + b"\0" * 5000 + png.getvalue()[10000:],
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    for name in (*contents, "missing.jpg", "."):
        with pytest.raises(ValueError, match="cannot read image .*: .+") as error:
            images.load_image(tmp_path / name)
        assert str(tmp_path) in str(error.value) and "\n" not in str(error.value)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ValueError, match="cannot read image .*cat.jpg.*bomb"):
        images.load_image(cat)
    with pytest.raises(ValueError, match="at least 1x1 pixels; got 0x4"):
        images.load_image(cat, (0, 4))


def test_load_image_squares(cat):
    expected = images.load_image(cat, (64, 64))
    for size in (64, np.int64(64), [64, 64]):
        np.testing.assert_array_equal(images.load_image(cat, size), expected)


@pytest.mark.parametrize("size", [(64, 64, 3), (64,), None, 64.0, (64, 64.5), "64", (None, None)])
def test_load_image_names_the_wrong_size(cat, size):
    with pytest.raises(ValueError, match=r"size to be \(height, width\) or the side.*; got ") as e:
        images.load_image(cat, size)
    assert str(e.value).endswith(f"got {size!r}")


def test_imagenet_classes():
    classes = images.imagenet_classes()
    assert len(classes) == 1000 and list(classes) == sorted(classes)
    assert classes[0] == ("n01440764", "tench")
    assert classes[281] == ("n02123045", "tabby")
    assert classes[999] == ("n15075141", "toilet_tissue")


def test_decode_predictions():
    preds = np.zeros((2, 1000), np.float32)
    preds[0, [281, 285, 0]] = 0.5, 0.25, 0.25
    preds[1, 999] = 3.0
    first, second = images.decode_predictions(preds, top=3)
    assert first == [
        ("n02123045", "tabby", 0.5),
        ("n01440764", "tench", 0.25),
        ("n02124075", "Egyptian_cat", 0.25),
    ]
    assert second[0] == ("n15075141", "toilet_tissue", 3.0) and len(second) == 3
    assert images.decode_predictions([[0.1, 0.9]], classes=["no", "yes"]) == [
        [("yes", "yes", 0.9), ("no", "no", 0.1)]
    ]


def test_decode_predictions_explains_bad_input():
    with pytest.raises(ValueError, match=r"\(N, 1000\); got \(1, 10\); .* pass classes=model"):
        images.decode_predictions(np.zeros((1, 10)))
    with pytest.raises(ValueError, match=r"\(N, 2\); got \(2,\)$"):
        images.decode_predictions(np.zeros(2), classes=["a", "b"])
    with pytest.raises(ValueError, match="at least 1; got 0"):
        images.decode_predictions(np.zeros((1, 1000)), top=0)
