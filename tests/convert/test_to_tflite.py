"""What `to_tflite` makes of its options, and what it refuses before the work."""

from importlib import import_module
from itertools import product

import larq as lq
import numpy as np
import pytest
from tensorflow.lite.python import schema_py_generated as schema
from tf_keras.src.mixed_precision.policy import policy_scope

from larq_bvit import convert, zoo
from larq_bvit.convert import ConversionError, Normalization, Target, convert_model, read_metadata
from larq_bvit.convert.freezing.rebuild import rebuild
from larq_bvit.convert.tflite.flatbuffer import load
from larq_bvit.convert.tflite.io_types import read_format
from larq_bvit.convert.tflite.pack import pack
from larq_bvit.zoo.model_facts import name_classes, set_preprocessing
from larq_bvit.zoo.packed import Preprocessing
from tests.convert.models import TWO_STAGES, tiny
from tests.convert.small import SIZE, L, lce_module, normal, photographs, small, tf

module = import_module("larq_bvit.convert.to_tflite")
TYPES = ["float32", "int8", "uint8"]
PIXELS = photographs(3)
LABELS = tuple(f"class {i}" for i in range(10))


@pytest.fixture(scope="module")
def model() -> tf.keras.Model:
    return small()


def test_what_the_models_weights_say_is_the_default():
    model = small()
    name_classes(model, LABELS)
    set_preprocessing(model, Preprocessing(mean=(0.5,) * 3, std=(0.25,) * 3))
    tflite = convert_model(model, include_preprocessing=True, input_type="uint8").tflite
    assert read_metadata(tflite).labels == LABELS
    assert convert.verify(model, tflite, PIXELS).holds  # by the weights' normalisation, too
    got = convert.Interpreter(tflite).predict(PIXELS)
    np.testing.assert_allclose(got, model((PIXELS / 255 - 0.5) / 0.25), atol=1e-5)
    metadata = read_metadata(convert_model(model, labels=(), verify=False).tflite)
    assert metadata.mean == (127.5,) * 3 and metadata.std == (63.75,) * 3
    assert metadata.labels == ()
    given = Normalization((0.4,), (0.2,))
    metadata = read_metadata(convert_model(model, normalization=given, verify=False).tflite)
    assert metadata.mean == pytest.approx((102.0,)) and metadata.labels == LABELS


@pytest.fixture
def no_work(monkeypatch):
    """Fails a test whose conversion begins."""

    def begin(*arguments, **options):
        raise AssertionError("the work has begun")

    monkeypatch.setattr(module, "lce_tflite", begin)


def break_a_constant(monkeypatch, factor: float):
    """Scales the kernel of the head in whatever LCE gives."""

    def broken(*arguments):
        tflite, layers = lce_module.lce_tflite(*arguments)
        file = load(tflite)
        graph = file.subgraphs[0]
        (kernel,) = (t for t in graph.tensors if t.shape.tolist() == [10, 64])
        buffer = file.buffers[kernel.buffer]
        buffer.data = (np.frombuffer(buffer.data, np.float32) * np.float32(factor)).view(np.uint8)
        return pack(file), layers

    monkeypatch.setattr(module, "lce_tflite", broken)


@pytest.mark.parametrize(
    ("input_type", "pixels", "float_storage"),
    list(product(TYPES, [False, True], ["float32", "float16"])),
)
def test_all_forms_compute_what_keras_computes(model, input_type, pixels, float_storage):
    conversion = convert_model(
        model,
        input_type=input_type,
        include_preprocessing=pixels,
        float_storage=float_storage,
        batch_size=3,
        images=PIXELS,
    )
    tflite = conversion.tflite
    assert conversion.verification.holds and conversion.binary_layers == 2
    assert (conversion.verification.rounding is None) == (float_storage == "float32")
    assert read_format(tflite, "input").type == input_type
    assert convert.Interpreter(tflite).input_shape[0] == 3
    normalized = zoo.preprocess_input(PIXELS)
    stored = read_format(tflite, "input").store(PIXELS if pixels else normalized)
    got = convert.Interpreter(tflite).predict(stored)
    # one step of an 8-bit input that is not made for pixels is 2% of a deviation
    rounds = input_type != "float32" and not pixels
    atol = 1e-5 + 5e-3 * rounds + 5e-3 * (float_storage == "float16")
    np.testing.assert_allclose(got, model(normalized, training=False), atol=atol)
    metadata = read_metadata(tflite)
    expected = [(0.0,), (1.0,)]
    if not pixels:
        expected = [tuple(255 * x for x in v) for v in (zoo.images.MEAN, zoo.images.STD)]
    np.testing.assert_allclose(metadata.mean, expected[0], rtol=1e-6)
    np.testing.assert_allclose(metadata.std, expected[1], rtol=1e-6)


def test_metadata_says_how_to_make_the_input(model):
    """(pixel - mean) / std of the metadata is what the model takes."""
    metadata = read_metadata(convert.to_tflite(model, verify=False))
    image = (PIXELS - np.float32(metadata.mean)) / np.float32(metadata.std)
    np.testing.assert_allclose(image, zoo.preprocess_input(PIXELS), atol=1e-5)
    assert metadata.name == "small"


@pytest.mark.parametrize("output_type", ["int8", "uint8"])
def test_probabilities_in_eight_bits(model, output_type):
    options = {"output_type": output_type, "float_storage": "float16", "labels": LABELS}
    conversion = convert_model(model, **options)
    format = read_format(conversion.tflite, "output")
    assert (format.type, format.scale) == (output_type, 1 / 256)
    assert read_metadata(conversion.tflite).labels == LABELS
    exact = convert.to_tflite(model, float_storage="float16", verify=False)
    x = normal(4, 16, 12, 3)
    got, expected = (convert.Interpreter(file).predict(x) for file in (conversion.tflite, exact))
    np.testing.assert_allclose(format.real(got), expected, atol=0.501 / 256)
    assert b"probability of every class" in conversion.tflite  # metadata
    assert 0 < conversion.verification.rounding.effect.absolute < 0.01


def test_the_target_and_what_overrides_it(model, tmp_path):
    def target(**options) -> Target:
        return convert_model(model, verify=False, **options).target

    assert target() == convert.load_target("arm")
    android = convert.load_target("android")
    assert target(target="android") == android
    changed = target(target="android", input_type="int8", float_storage="float32", batch_size=2)
    assert (changed.input_type, changed.float_storage, changed.batch_size) == ("int8", "float32", 2)
    assert changed.include_preprocessing and changed.name == "android"
    path = tmp_path / "mine.toml"
    path.write_text('description = "mine"\ninput_type = "int8"\nbatch_size = 2')
    mine = target(target=path)
    assert (mine.name, mine.input_type, mine.batch_size) == ("mine", "int8", 2)
    assert target(target=path, include_preprocessing=True).input_type == "int8"


def test_pixels_are_uint8_unless_another_type_is_given(model):
    for given, expected in ((None, "uint8"), ("float32", "float32"), ("int8", "int8")):
        options = {"include_preprocessing": True, "input_type": given, "verify": False}
        tflite = convert.to_tflite(model, **options)
        assert read_format(tflite, "input").type == expected


def test_a_normalization_of_ones_own():
    model, grey = small(channels=1), Normalization((0.2,), (0.7,))
    options = {"input_type": "uint8", "include_preprocessing": True, "normalization": grey}
    tflite = convert.to_tflite(model, **options)
    pixels = photographs(channels=1)
    expected = model((pixels / np.float32(255) - np.float32(0.2)) / np.float32(0.7))
    np.testing.assert_allclose(convert.Interpreter(tflite).predict(pixels), expected, atol=1e-5)
    outside = read_metadata(convert.to_tflite(model, normalization=grey, verify=False))
    assert outside.mean == pytest.approx((51,)) and outside.std == pytest.approx((178.5,))
    unknown = read_metadata(convert.to_tflite(model))
    assert unknown.mean == unknown.std == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": ["a", "b"]}, "expected 10 labels, one per class; got 2"),
        ({"target": "amr"}, "unknown target 'amr'; did you mean 'arm'"),
        ({"input_type": "int4"}, "expected input_type to be .* got 'int4'"),
        ({"batch_size": 0}, "expected batch_size to be at least 1; got 0"),
    ],
)
def test_what_is_refused_before_the_work(model, no_work, options, message):
    with pytest.raises(ValueError, match=message):
        convert.to_tflite(model, **options)


@pytest.mark.parametrize("options", [{"include_preprocessing": True}, {"input_type": "int8"}])
def test_grey_pixels_need_a_normalization(no_work, options):
    with pytest.raises(ValueError, match="expected a normalization for images of 1 channels"):
        convert.to_tflite(small(channels=1), **options)


@pytest.mark.parametrize("activation", [None, "sigmoid"])
def test_other_outputs_than_a_softmax_stay_float(no_work, activation):
    with pytest.raises(ValueError, match="expected a softmax at the end of 'small'; got"):
        convert.to_tflite(small(activation), output_type="uint8")


def test_a_softmax_is_one_whatever_layer_it_is():
    x = L.Input((4, 4, 3))
    logits = L.Dense(5)(L.Flatten()(x))
    for softmax in (L.Softmax(), L.Activation("softmax")):
        tflite = convert.to_tflite(tf.keras.Model(x, softmax(logits)), output_type="uint8")
        assert read_format(tflite, "output").type == "uint8"


def test_a_softmax_within_a_nested_model():
    image = L.Input((*SIZE, 3))
    tflite = convert.to_tflite(tf.keras.Model(image, small()(image)), output_type="uint8")
    assert read_format(tflite, "output").type == "uint8"


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16", "float64"])
def test_a_model_of_another_precision(precision, nested):
    """The file is float32, and verified against a float32 copy."""
    with policy_scope(precision):
        model = small()
        image = L.Input((*SIZE, 3))
        whole = tf.keras.Model(image, model(image)) if nested else model
    exact = rebuild(model, {})
    assert {layer.compute_dtype for layer in exact.layers} == {"float32"}
    conversion = convert_model(whole, images=PIXELS)
    assert conversion.binary_layers == 2 and conversion.verification.holds
    assert convert.verify(whole, conversion.tflite, PIXELS).holds
    got = convert.Interpreter(conversion.tflite).predict(zoo.preprocess_input(PIXELS))
    np.testing.assert_allclose(got, exact(zoo.preprocess_input(PIXELS)), rtol=1e-3, atol=1e-6)


def test_a_new_head_on_a_model_is_converted_as_one_model():
    """Transfer learning as Keras' guides write it: same layers, same file."""
    base = tiny("binaryvit_nano", fields=TWO_STAGES, include_top=False, pooling="avg")
    head = L.Dense(5, activation="softmax", name="head")
    nested = tf.keras.Sequential([base, head])
    flat = tf.keras.Model(base.inputs, head(base.output))
    one, other = convert_model(nested), convert_model(flat)
    assert one.verification.holds and one.census.operators == other.census.operators
    assert one.verification.layers.keys() == other.verification.layers.keys() > {"head"}
    x = normal(1, 64, 64, 3)
    got, expected = (convert.Interpreter(file.tflite).predict(x) for file in (one, other))
    np.testing.assert_array_equal(got, expected)


def test_two_inputs_are_not_verified(monkeypatch):
    a, b = L.Input((4, 4, 3), name="a"), L.Input((4, 4, 3), name="b")
    y = L.Conv2D(2, 1)(L.Subtract()([a, b]))
    model = tf.keras.Model([a, b], y)
    tflite = convert.to_tflite(model, verify=False)
    images = list(normal(2, 1, 4, 4, 3))
    (got,) = convert.Interpreter(tflite)._runner.predict(images)
    np.testing.assert_allclose(got, model(images), atol=1e-5)
    monkeypatch.setattr(module, "lce_tflite", None)
    with pytest.raises(ValueError, match="one input, or verify=False; got 2"):
        convert.to_tflite(model)
    with pytest.raises(ValueError, match="one input; got 2"):
        convert.to_tflite(model, verify=False, include_preprocessing=True)


def test_a_sequential_without_sizes_is_to_be_built_first(no_work):
    open_ended = tf.keras.Sequential([L.Flatten(), L.Dense(2)])
    for call in (convert.to_tflite, zoo.profile):
        with pytest.raises(ValueError, match="build it first"):
            call(open_ended)


class Subclassed(tf.keras.Model):
    def call(self, inputs):
        return inputs


def test_a_model_without_a_graph_is_refused(no_work):
    with pytest.raises(ValueError, match="expected a functional or sequential Keras model"):
        convert.to_tflite(Subclassed())


@pytest.mark.parametrize("other", [None, 3, lq.layers.QuantConv2D(2, 1)])
def test_what_is_no_model_is_refused(no_work, other):
    with pytest.raises(ValueError, match="expected a Keras model or a path; got"):
        convert.to_tflite(other)


@pytest.mark.parametrize("name", ["model.keras", "model.h5", "folder"])
def test_a_path(model, tmp_path, name):
    path = tmp_path / name
    model.save(path)
    assert convert.to_tflite(path, verify=False) == convert.to_tflite(model, verify=False)


def test_a_wrong_file_is_an_error_unless_it_is_not_verified(model, monkeypatch):
    break_a_constant(monkeypatch, 1.1)
    with pytest.raises(ConversionError, match="differs from the model:\n(.|\n)*LCE default"):
        convert.to_tflite(model)
    conversion = convert_model(model, verify=False)
    assert conversion.verification is None


def test_a_rounding_that_changes_the_answer_is_reported(caplog):
    """The two best classes are nearer than a step of 1/256."""
    x = L.Input((4, 4, 3))
    head = L.Dense(3, activation="softmax")
    model = tf.keras.Model(x, head(L.GlobalAveragePooling2D()(x)))
    head.set_weights([np.zeros((3, 3)), np.array([0.0, 1.0, 1.001])])
    assert convert_model(model).verification.holds and not caplog.records
    conversion = convert_model(model, output_type="uint8")
    assert conversion.verification.holds
    assert conversion.verification.rounding.effect.top_1 == 0
    assert "best classes differ; what rounding changes: largest" in caplog.text


def test_storage_that_is_not_rounding_is_an_error(model, monkeypatch):
    module = import_module("larq_bvit.convert.to_tflite")
    right = module.store_as_float16

    def wrong(tflite):
        """The last constant of the narrow ones is halved."""
        file = load(right(tflite))
        narrow = [t for t in file.subgraphs[0].tensors if t.type == schema.TensorType.FLOAT16]
        buffer = file.buffers[narrow[-1].buffer]
        values = np.frombuffer(bytes(buffer.data), np.float16)
        buffer.data = (values / 2 + 1).astype(np.float16).view(np.uint8)
        return pack(file)

    monkeypatch.setattr(module, "store_as_float16", wrong)
    with pytest.raises(ConversionError, match="more than rounding tells it from the exact"):
        convert_model(model, float_storage="float16")


def test_images_of_ones_own_are_what_is_compared(model):
    conversion = convert_model(model, images=photographs(5))
    assert conversion.verification.images == 5
    assert convert_model(model, batch_size=3).verification.images == 6
    assert conversion.as_dict()["bytes"] == len(conversion.tflite) == conversion.census.size


def test_binaryvit_for_a_phone():
    """A model of the zoo in the smallest form."""
    tf.keras.utils.set_random_seed(4)
    model = zoo.create("binaryvit_nano", input_shape=(32, 32, 3), num_classes=5)
    conversion = convert_model(model, target="android", images=photographs_of(model))
    assert conversion.verification.holds
    assert conversion.verification.rounding.effect.cosine > 0.99
    assert conversion.census.operators["LceBconv2d"] == conversion.binary_layers > 20


def photographs_of(model) -> np.ndarray:
    shape = (1, *model.input_shape[1:])
    return np.random.RandomState(0).randint(0, 256, shape).astype(np.uint8)
