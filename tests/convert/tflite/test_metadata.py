"""TFLite metadata, against bytes of the official writer, and damaged in every byte.

Checked by hand as well, with tflite-support 0.4.4, which needs a protobuf too old for TensorFlow:
its displayer and its ImageClassifier read what `add_metadata` writes.
"""

import base64
import re
import zipfile
from io import BytesIO

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert, layers
from larq_bvit.convert.tflite.flatbuffer import load
from larq_bvit.convert.tflite.metadata import Metadata, add_metadata, read_metadata
from larq_bvit.convert.tflite.metadata import fields as f
from larq_bvit.convert.tflite.metadata.container import append_file, find_buffer, set_buffer
from larq_bvit.convert.tflite.metadata.tables import Table, pack_tables
from larq_bvit.convert.tflite.pack import pack

L = tf.keras.layers

FULL = Metadata(
    name="Tiny",
    description="Tells a crane from a crane; açaí too",
    version="v1",
    author="A. Author",
    license="Apache-2.0",
    mean=(123.675, 116.28, 103.53),
    std=(58.395, 57.12, 57.375),
    input_min=(-2.117904, -2.0357144, -1.8044444),
    input_max=(2.2489083, 2.4285715, 2.64),
    labels=("crane", "köttbullar", "crane", " tabby, tabby cat"),
)

# What image_classifier.MetadataWriter of tflite-support 0.4.4 makes of a model with softmax, FULL's
# mean and std, and a labels.txt.
OFFICIAL = base64.b64decode(
    "HAAAAE0wMDEUABQAEAAMAAAACAAAAAAAAAAEABQAAAAQAAAAGAAAAEACAACQAgAABQAAADEuMC4wAAAAAQAAABAAAAAMAAwA"
    "AAAAAAgABAAMAAAACAAAABQBAAABAAAAGAAAAAAAEgAYABQAEAAAAAwAAAAIAAQAEgAAABQAAAB8AAAAlAAAAKQAAADQAAAA"
    "AQAAABAAAAAAAAoAEAAMAAgABwAKAAAAAAAAAggAAAA8AAAAMwAAAExhYmVscyBmb3IgY2F0ZWdvcmllcyB0aGF0IHRoZSBt"
    "b2RlbCBjYW4gcmVjb2duaXplLgAKAAAAbGFiZWxzLnR4dAAAGP///wgAAAAMAAAAAQAAAAAAAAABAAAAAACAP0j///8MAAAA"
    "AAAAAQQABAAEAAAAKQAAAFByb2JhYmlsaXRpZXMgb2YgdGhlIGxhYmVscyByZXNwZWN0aXZlbHkuAAAACwAAAHByb2JhYmls"
    "aXR5AAEAAAAUAAAAEAAYABQAEAAAAAwACAAEABAAAAAUAAAAPAAAAJAAAACkAAAAxAAAALj///8IAAAAFAAAAAMAAAC9iwfA"
    "JUkCwAn45r8DAAAAHe4PQLdtG0DD9ShAAQAAAAwAAAAIAAwACwAEAAgAAAAQAAAAAAAAAQgADAAIAAQACAAAAAgAAAAUAAAA"
    "AwAAAHuUaULhemRCAIBlQgMAAACaWfdCXI/oQlwPz0IIAAoACQAEAAgAAAAMAAAAAAIGAAgABwAGAAAAAAAAAR0AAABJbnB1"
    "dCBpbWFnZSB0byBiZSBjbGFzc2lmaWVkLgAAAAUAAABpbWFnZQAAAE8AAABJZGVudGlmeSB0aGUgbW9zdCBwcm9taW5lbnQg"
    "b2JqZWN0IGluIHRoZSBpbWFnZSBmcm9tIGEga25vd24gc2V0IG9mIGNhdGVnb3JpZXMuAA8AAABJbWFnZUNsYXNzaWZpZXIA"
)


def stock(model: tf.keras.Model) -> bytes:
    return tf.lite.TFLiteConverter.from_keras_model(model).convert()


def classifier(*, channels: int = 3, softmax: bool = True) -> bytes:
    x = L.Input((6, 8, channels), 1)
    y = L.Dense(4)(L.GlobalAveragePooling2D()(x))
    return stock(tf.keras.Model(x, L.Softmax()(y) if softmax else y))


@pytest.fixture(scope="module")
def plain():
    return classifier()


@pytest.fixture(scope="module")
def full(plain):
    return add_metadata(plain, FULL)


def buffer_of(tflite: bytes) -> bytes:
    return bytes(find_buffer(load(tflite)).data)


def with_buffer(tflite: bytes, data: bytes) -> bytes:
    model = load(tflite)
    set_buffer(model, data)
    return pack(model)


def tensors(tflite_or_buffer: bytes) -> tuple[list[Table], list[Table]]:
    root = Table.root(tflite_or_buffer, b"M001")
    (main,) = root.tables(f.ModelMetadata.SUBGRAPH_METADATA)
    inputs = main.tables(f.SubGraphMetadata.INPUT_TENSOR_METADATA)
    return inputs, main.tables(f.SubGraphMetadata.OUTPUT_TENSOR_METADATA)


def test_it_reads_what_it_wrote(plain, full):
    assert read_metadata(full) == FULL
    assert read_metadata(plain) is None
    nothing = Metadata("only a name")
    assert read_metadata(add_metadata(plain, nothing)) == nothing


def test_it_reads_the_official_writer(plain):
    """Whose label files end with a line feed, on Windows with two characters."""
    file = append_file(with_buffer(plain, OFFICIAL), "labels.txt", b"a\r\nb\r\nc\n\nlast\n")
    assert read_metadata(file) == Metadata(
        name="ImageClassifier",
        description="Identify the most prominent object in the image from a known set of "
        "categories.",
        mean=FULL.mean,
        std=FULL.std,
        input_min=FULL.input_min,
        input_max=FULL.input_max,
        labels=("a", "b", "c", "", "last"),
    )


def content(tensor: Table) -> tuple[int, int]:
    table = tensor.table(f.TensorMetadata.CONTENT)
    properties = table.table(f.Content.PROPERTIES)
    return table.byte(f.Content.PROPERTIES_TYPE), properties.byte(f.ImageProperties.COLOR_SPACE)


def plainly(data: bytes) -> list:
    """All numbers and names of a metadata buffer but the descriptions."""
    found = [Table.root(data, b"M001").string(f.ModelMetadata.MIN_PARSER_VERSION)]
    for tensor in sum(tensors(data), []):
        stats = tensor.table(f.TensorMetadata.STATS)
        found += [tensor.string(f.TensorMetadata.NAME), content(tensor)]
        found += [stats.floats(f.Stats.MIN), stats.floats(f.Stats.MAX)]
        for unit in tensor.tables(f.TensorMetadata.PROCESS_UNITS):
            options = unit.table(f.ProcessUnit.OPTIONS)
            found += [unit.byte(f.ProcessUnit.OPTIONS_TYPE), options.floats(0), options.floats(1)]
        for file in tensor.tables(f.TensorMetadata.ASSOCIATED_FILES):
            found += [file.string(f.AssociatedFile.NAME), file.byte(f.AssociatedFile.TYPE)]
    return found


def test_it_writes_what_the_official_writer_writes(full):
    assert plainly(buffer_of(full)) == plainly(OFFICIAL)
    assert content(tensors(OFFICIAL)[0][0]) == (2, 1)  # ImageProperties, RGB


def test_scores_are_not_called_probabilities():
    file = add_metadata(classifier(softmax=False), FULL)
    _, (scores,) = tensors(buffer_of(file))
    assert scores.string(f.TensorMetadata.NAME) == "score"
    assert scores.table(f.TensorMetadata.STATS).floats(f.Stats.MAX) == ()


@pytest.mark.parametrize("channels, expected", [(1, (2, 2)), (3, (2, 1)), (5, (1, 0))])
def test_what_is_no_image_is_not_called_one(channels, expected):
    file = add_metadata(classifier(channels=channels), Metadata("", mean=(1.0,), std=(2.0,)))
    (image,), _ = tensors(buffer_of(file))
    assert content(image) == expected
    assert read_metadata(file).mean == (1.0,)


def test_every_tensor_has_an_entry():
    pair = [L.Input((4, 4, 3), 1), L.Input((5, 7, 3), 1)]
    both = L.Concatenate()([L.GlobalAveragePooling2D()(images) for images in pair])
    tflite = stock(tf.keras.Model(pair, [L.Softmax()(L.Dense(4)(both)), L.Dense(2)(both)]))
    # in an order of the converter's own
    first, second = (t["shape"][-1] for t in interpreter(tflite).get_output_details())
    metadata = Metadata("two", mean=FULL.mean, std=FULL.std, labels=tuple(map(str, range(first))))
    inputs, outputs = tensors(buffer_of(add_metadata(tflite, metadata)))
    assert [content(tensor) for tensor in inputs] == [(2, 1), (1, 0)]
    names = [details["name"] for details in interpreter(tflite).get_output_details()]
    assert len(outputs) == 2 and outputs[1].string(f.TensorMetadata.NAME) == names[1]
    assert [len(t.tables(f.TensorMetadata.ASSOCIATED_FILES)) for t in outputs] == [1, 0]
    with pytest.raises(ValueError, match=f"expected {first} labels.* got {second}"):
        add_metadata(tflite, Metadata("two", labels=("x",) * second))


def test_older_metadata_is_replaced_with_its_files(plain, full):
    other = Metadata("other", mean=(127.5,), std=(127.5,))
    assert add_metadata(full, FULL) == full
    assert add_metadata(full, other) == add_metadata(plain, other)
    assert not zipfile.is_zipfile(BytesIO(add_metadata(full, other)))
    assert len(load(full).buffers) == len(load(add_metadata(full, other)).buffers)
    kept = {entry.name for entry in load(plain).metadata}
    assert {entry.name for entry in load(full).metadata} == {*kept, b"TFLITE_METADATA"}


def test_labels_are_an_archive_that_can_be_read_in_place(full):
    with zipfile.ZipFile(BytesIO(full)) as archive:
        (info,) = archive.infolist()
        text = archive.read("labels.txt")
    assert text.decode().split("\n") == list(FULL.labels)
    assert info.compress_type == zipfile.ZIP_STORED and full.count(text) == 1
    assert full[info.header_offset :].startswith(b"PK\3\4")  # counted from the model's first byte


def interpreter(tflite: bytes) -> tf.lite.Interpreter:
    runner = tf.lite.Interpreter(model_content=tflite)
    runner.allocate_tensors()
    return runner


def test_tflite_runs_it(plain, full):
    image = np.random.RandomState(0).standard_normal((1, 6, 8, 3)).astype(np.float32)
    results = []
    for runner in map(interpreter, (plain, full)):
        runner.set_tensor(runner.get_input_details()[0]["index"], image)
        runner.invoke()
        results.append(runner.get_tensor(runner.get_output_details()[0]["index"]))
    assert results[0].std() > 0
    np.testing.assert_array_equal(*results)


def test_lce_runs_it():
    x = L.Input((5, 4, 32), 1)
    y = L.GlobalAveragePooling2D()(layers.binary_conv(4, 3)(x))
    tflite = convert.to_tflite(tf.keras.Model(x, y))
    metadata = Metadata("binary", labels=FULL.labels)
    file = add_metadata(tflite, metadata)
    images = np.random.RandomState(0).standard_normal((3, 5, 4, 32)).astype(np.float32)
    expected = convert.Interpreter(tflite).predict(images)
    assert expected.std() > 0
    np.testing.assert_array_equal(convert.Interpreter(file).predict(images), expected)
    assert convert.count_ops(file)["LceBconv2d"] == 1 and read_metadata(file) == metadata


@pytest.mark.parametrize(
    "values, message",
    [
        ({"labels": ("a", "b", "c")}, "expected 4 labels, the output's last axis; got 3"),
        ({"labels": ("a", "", "c", "d")}, "expected labels of one line of text; got '' at 1"),
        ({"labels": ("a", " ", "c", "d")}, "got ' ' at 1"),
        ({"labels": ("a", "b", "c", "d\n")}, r"got 'd\n' at 3"),
        ({"labels": ("a", "b\rb", "c", "d")}, r"got 'b\rb' at 1"),
        ({"mean": (1.0, 2.0), "std": (1.0, 1.0)}, "one for each of 3 channels; got 2"),
        ({"input_max": (1.0, 2.0)}, "expected input_max to have one value or one for each"),
        ({"mean": (1.0,), "std": (1.0, 1.0, 1.0)}, "as many values of mean as of std; got 1 and 3"),
        ({"mean": (1.0,)}, "as many values of mean as of std; got 1 and 0"),
        ({"mean": (1.0,), "std": (0.0,)}, "expected std other than 0 in float32; got (0.0,)"),
        ({"mean": (1.0,), "std": (1e-60,)}, "expected std other than 0 in float32"),
        ({"mean": (1e60,), "std": (1.0,)}, "expected mean in the range of float32; got (1e+60,)"),
        ({"input_min": (float("nan"),)}, "expected input_min in the range of float32; got (nan,)"),
    ],
)
def test_metadata_that_does_not_fit_is_refused(plain, values, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        add_metadata(plain, Metadata("", **values))


@pytest.mark.parametrize("call", [read_metadata, lambda file: add_metadata(file, FULL)])
def test_other_bytes_are_refused(call):
    with pytest.raises(ValueError, match=r"expected a \.tflite .* got bytes b'not a tf'"):
        call(b"not a tflite")


def refused(tflite: bytes) -> bool:
    """Whether a damaged file is refused; it may also read as something else, but not fail."""
    try:
        assert isinstance(read_metadata(tflite), Metadata)
    except ValueError as error:
        assert str(error).startswith("the metadata of this .tflite is damaged: ")
        return True
    return False


def flip(data: bytes, index: int, bits: int) -> bytes:
    return data[:index] + bytes([data[index] ^ bits]) + data[index + 1 :]


@pytest.mark.parametrize("bits", [1, 0x80, 0xFF])
def test_every_flipped_byte_of_the_tables(full, bits):
    buffer = buffer_of(full)
    start = full.index(buffer)
    count = sum(refused(flip(full, start + i, bits)) for i in range(len(buffer)))
    assert 10 < count < len(buffer)


def test_every_truncation_of_the_tables(full):
    """Without the string that comes last in the buffer it can't be whole."""
    buffer, archive = buffer_of(full), full[full.index(b"PK\3\4") :]
    cut = (with_buffer(full, buffer[:n]) + archive for n in range(0, len(buffer) - 8, 3))
    assert all(map(refused, cut))


@pytest.mark.parametrize("bits", [1, 0x80, 0xFF])
def test_every_flipped_byte_of_the_archive(full, bits):
    archive, labels = full.index(b"PK\3\4"), "\n".join(FULL.labels).encode()
    verdicts = {i: refused(flip(full, i, bits)) for i in range(archive, len(full))}
    text = full.index(labels)
    assert all(verdicts[i] for i in range(text, text + len(labels)))  # it has a checksum
    assert not all(verdicts.values())  # a date says nothing


def test_every_truncation_of_the_archive(full):
    assert all(refused(full[:end]) for end in range(full.index(b"PK\3\4"), len(full)))


@pytest.mark.parametrize("number, message", [(0, "got number 0"), (99, "got number 99")])
def test_a_buffer_that_is_not_there(full, number, message):
    model = load(full)
    entry = next(entry for entry in model.metadata if entry.name == b"TFLITE_METADATA")
    entry.buffer = number
    for call in (read_metadata, lambda file: add_metadata(file, FULL)):
        with pytest.raises(ValueError, match=f"expected metadata in one of .* buffers; {message}"):
            call(pack(model))


def test_a_label_file_as_large_as_a_bomb(plain):
    metadata = buffer_of(add_metadata(plain, FULL))
    file = BytesIO(with_buffer(plain, metadata))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("labels.txt", bytes((1 << 24) + 1))
    with pytest.raises(ValueError, match="expected at most 16777216 bytes in 'labels.txt'"):
        read_metadata(file.getvalue())


def test_what_others_write_besides_is_skipped(plain):
    """Process units and files of other kinds; a union's other tables are not misread."""
    calibration = {f.ProcessUnit.OPTIONS_TYPE: 2, f.ProcessUnit.OPTIONS: {0: 1}}
    normalization = {f.ProcessUnit.OPTIONS_TYPE: 1, f.ProcessUnit.OPTIONS: {0: (8,), 1: (4,)}}
    files = [
        {f.AssociatedFile.NAME: "readme.txt", f.AssociatedFile.TYPE: 1},
        {f.AssociatedFile.TYPE: f.AssociatedFileType.TENSOR_AXIS_LABELS},  # without a name
    ]
    main = {
        f.SubGraphMetadata.INPUT_TENSOR_METADATA: [
            {f.TensorMetadata.PROCESS_UNITS: [calibration, normalization]}
        ],
        f.SubGraphMetadata.OUTPUT_TENSOR_METADATA: [{f.TensorMetadata.ASSOCIATED_FILES: files}],
    }
    data = pack_tables({f.ModelMetadata.SUBGRAPH_METADATA: [main]}, b"M001")
    assert read_metadata(with_buffer(plain, data)) == Metadata("", mean=(8.0,), std=(4.0,))
